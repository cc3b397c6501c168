CHANGED = {
    "refuse": [],
    "accept": ["--accept-changed-source"],
    "restart": ["--restart"],
}[config["changed"]]
TRAINING = CHANGED + (["--allow-cpu"] if config["allow_cpu"] else [])


# Of a run, only the digests are declared: Snakemake deletes the outputs of a job before it starts
# and after it fails, and nobody's week-long training may depend on that. Weights, metrics, record
# and checkpoint lie beside them.
rule train:
    input:
        data=lambda wildcards: prepared(dataset_of(wildcards)),
        first=lambda wildcards: [
            TRAINED.format(experiment=first, seed=wildcards.seed)
            for first in [EXPERIMENTS[wildcards.experiment].get("pretrained")]
            if first
        ],
    output:
        TRAINED,
    log:
        "<logs>/train/{experiment}_seed{seed}.log",
    benchmark:
        "<benchmarks>/train/{experiment}_seed{seed}.tsv"
    conda:
        "../envs/gan-repro.yaml"
    threads: config["threads"]
    resources:
        gpu=GPU,
        mem_mb=8000,
        runtime=720,
    params:
        folder=subpath(output[0], parent=True),
        first=lambda wildcards, input: [
            word
            for stamp in input.first
            for word in ("--pretrained", str(Path(stamp).parent))
        ],
        epochs=lambda wildcards: [
            word
            for epochs in [config["epochs"].get(wildcards.experiment)]
            if epochs
            for word in ("--epochs", epochs)
        ],
        options=READ + COMPUTE + TRAINING,
        content=lambda wildcards: content_digest(EXPERIMENTS[wildcards.experiment]),
        source=lambda wildcards: source_digest(
            "gan_repro.experiments.run",
            KINDS[EXPERIMENTS[wildcards.experiment]["model"]["kind"]],
        ),
    message:
        "Training {wildcards.experiment}, seed {wildcards.seed} (progress: {log})"
    shell:
        "gan-repro train {wildcards.experiment:q} --seed {wildcards.seed:q} --out {params.folder:q}"
        " {params.epochs:q} {params.first:q} {params.options:q}"
        " > {log:q} 2>&1"
