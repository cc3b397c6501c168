# Raw files are not declared as outputs: Snakemake deletes the outputs of a failed job, and a
# user's own copy of a dataset must survive. What was verified is.
rule fetch:
    output:
        f"{DATA}/raw/{{dataset}}/SHA256SUMS",
    log:
        "<logs>/fetch/{dataset}.log",
    localrule: True
    conda:
        "../envs/gan-repro.yaml"
    params:
        read=READ,
    message:
        "Fetching {wildcards.dataset}"
    shell:
        "gan-repro fetch {wildcards.dataset:q} {params.read:q} > {log:q} 2>&1"


rule prepare:
    input:
        f"{DATA}/raw/{{dataset}}/SHA256SUMS",
    output:
        f"{DATA}/prepared/{{dataset}}.npz",
    log:
        "<logs>/prepare/{dataset}.log",
    conda:
        "../envs/gan-repro.yaml"
    params:
        read=READ,
        source=source_digest("gan_repro.data.prepare"),
    message:
        "Preparing {wildcards.dataset}"
    shell:
        "gan-repro prepare {wildcards.dataset:q} {params.read:q} > {log:q} 2>&1"
