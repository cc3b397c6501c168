# The checkpoint is an undeclared side file beside the outputs: it outlives a failed job.
rule train:
    input:
        prepared,
        sources,
        "config/experiments/{experiment}.yaml",
        pretrained=pretrained,
    output:
        weights="<results>/runs/{experiment}/seed{seed}/model.safetensors",
        metrics="<results>/runs/{experiment}/seed{seed}/metrics.csv",
        record="<results>/runs/{experiment}/seed{seed}/run.json",
    log:
        "<logs>/train/{experiment}_seed{seed}.log",
    benchmark:
        "<benchmarks>/train/{experiment}_seed{seed}.tsv"
    conda:
        "../../environment.yml"
    threads: config["threads"]
    resources:
        gpu=GPU,
        mem_mb=8000,
        runtime=720,
    params:
        folder=subpath(output.record, parent=True),
        options=f"--data {config['data']} --device {config['device']} --threads {config['threads']}"
        + (" --allow-cpu" if config["allow_cpu"] else ""),
        epochs=epochs,
        pretrained=lambda wildcards, input: [
            f"--pretrained {Path(weights).parent}" for weights in input.pretrained
        ],
    message:
        "Training {wildcards.experiment}, seed {wildcards.seed} (progress: {log})"
    shell:
        "gan-repro train {wildcards.experiment} --seed {wildcards.seed} --out {params.folder}"
        " {params.epochs} {params.pretrained} {params.options} > {log} 2>&1"
