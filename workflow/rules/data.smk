# Raw files are not declared as outputs: Snakemake deletes the outputs of a failed job, and a
# user's own copy of a dataset must survive. What was verified is.
rule fetch:
    output:
        f"{config['data']}/raw/{{dataset}}/SHA256SUMS",
    log:
        "<logs>/fetch/{dataset}.log",
    localrule: True
    conda:
        "../../environment.yml"
    params:
        data=subpath(output[0], ancestor=3),
    message:
        "Fetching {wildcards.dataset}"
    shell:
        "gan-repro fetch {wildcards.dataset} --data {params.data} > {log} 2>&1"


rule prepare:
    input:
        f"{config['data']}/raw/{{dataset}}/SHA256SUMS",
    output:
        f"{config['data']}/prepared/{{dataset}}.npz",
    log:
        "<logs>/prepare/{dataset}.log",
    conda:
        "../../environment.yml"
    params:
        data=subpath(output[0], ancestor=2),
    message:
        "Preparing {wildcards.dataset}"
    shell:
        "gan-repro prepare {wildcards.dataset} --data {params.data} > {log} 2>&1"
