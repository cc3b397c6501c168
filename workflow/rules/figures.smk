rule figure2:
    input:
        runs=[
            f"{first_run(name)}/{file}"
            for name in SHOWN.values()
            for file in ("samples.npy", "run.json")
        ],
        data=data_of(SHOWN.values()),
        source=["gan_repro/artifacts/figures.py", "gan_repro/evaluation/neighbours.py"],
    output:
        [
            f"<results>/figures/fig2{letter}.{kind}"
            for letter in ("", *SHOWN)
            for kind in ("png", "pdf")
        ],
        distances="<results>/figures/fig2_distances.csv",
    log:
        "<logs>/figures/fig2.log",
    conda:
        "../../environment.yml"
    threads: config["threads"]
    resources:
        gpu=GPU,
    params:
        folder=subpath(output.distances, parent=True),
        panels=lambda wildcards, input: [
            f"--panel {letter}={Path(path).parent}"
            for letter, path in zip(SHOWN, input.runs[::2])
        ],
        options=f"--data {config['data']} --device {config['device']} --threads {config['threads']}",
    message:
        "Drawing Figure 2 and measuring distances to the training images"
    shell:
        "gan-repro figure2 {params.panels} --out {params.folder} {params.options} > {log} 2>&1"


rule figure3:
    input:
        weights=f"{first_run(config['figure3'])}/model.safetensors",
        record=f"{first_run(config['figure3'])}/run.json",
        data=data_of([config["figure3"]]),
        source="gan_repro/artifacts/figures.py",
    output:
        multiext("<results>/figures/fig3", ".png", ".pdf"),
    log:
        "<logs>/figures/fig3.log",
    localrule: True
    conda:
        "../../environment.yml"
    threads: config["threads"]
    params:
        run=subpath(input.weights, parent=True),
        folder=subpath(output[0], parent=True),
        options=f"--data {config['data']} --threads {config['threads']}",
    message:
        "Drawing Figure 3"
    shell:
        "gan-repro figure3 {params.run} --out {params.folder} {params.options} > {log} 2>&1"


rule cards:
    input:
        records=[f"{run}/run.json" for run in all_runs()],
        weights=[f"{run}/model.safetensors" for run in all_runs()],
        scores=[f"{run}/parzen.json" for run in scored_runs()],
        source="gan_repro/artifacts/cards.py",
    output:
        [f"{run}/card.md" for run in all_runs()],
    log:
        "<logs>/cards.log",
    localrule: True
    conda:
        "../../environment.yml"
    params:
        runs=lambda wildcards, output: [str(Path(path).parent) for path in output],
    message:
        "Writing a model card for every run"
    shell:
        "gan-repro card {params.runs} > {log} 2>&1"
