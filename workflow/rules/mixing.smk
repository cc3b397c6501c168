# How the chains of Table 1's models mix: on the data of its first column and for one seed of each,
# since a chain's mixing is no estimate that Table 1 averages over seeds.
from gan_repro.paper import TABLE_1

MIXED = [
    f"<results>/runs/{name}/seed{config['seeds'][0]}/mixing.json"
    for name, experiment in EXPERIMENTS.items()
    if experiment["row"] in TABLE_1 and experiment["dataset"] == config["columns"][0]
]


rule mixing:
    input:
        weights="<results>/runs/{experiment}/seed{seed}/model.safetensors",
        record="<results>/runs/{experiment}/seed{seed}/run.json",
        data=prepared,
        sources=["gan_repro/evaluation/mixing.py", "gan_repro/evaluation/parzen.py"],
    output:
        "<results>/runs/{experiment}/seed{seed}/mixing.json",
    log:
        "<logs>/mixing/{experiment}_seed{seed}.log",
    conda:
        "../../environment.yml"
    threads: config["threads"]
    resources:
        gpu=GPU,
    params:
        folder=subpath(input.weights, parent=True),
        options=f"--data {config['data']} --device {config['device']} --threads {config['threads']}",
    message:
        "Mixing of {wildcards.experiment}, seed {wildcards.seed}"
    shell:
        "gan-repro mixing {params.folder} --out {output} {params.options} > {log} 2>&1"


rule mixing_table:
    input:
        records=MIXED,
        source="gan_repro/artifacts/mixing_table.py",
    output:
        table="<results>/mixing.csv",
        figures=multiext("<results>/figures/mixing", ".png", ".pdf"),
    log:
        "<logs>/mixing.log",
    localrule: True
    conda:
        "../../environment.yml"
    params:
        folder=subpath(output.table, parent=True),
    message:
        "Comparing the mixing of every chain in {output.table}"
    shell:
        "gan-repro mixing-table {input.records} --out {params.folder} > {log} 2>&1"
