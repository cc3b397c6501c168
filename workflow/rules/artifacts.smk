TABLES = (
    "table1",
    "table1_paper",
    "table1_comparison",
    "table1_notes",
    "table2",
    "table2_arxiv",
)


rule table:
    input:
        scores=all_scores(),
        source="gan_repro/artifacts/tables.py",
    output:
        [f"<results>/{name}.csv" for name in TABLES],
    log:
        "<logs>/table.log",
    localrule: True
    conda:
        "../../environment.yml"
    params:
        folder=subpath(output[0], parent=True),
        columns=table_columns(),
    message:
        "Building Tables 1 and 2 in {params.folder}"
    shell:
        "gan-repro table {input.scores} {params.columns} --out {params.folder} > {log} 2>&1"


rule curves:
    input:
        metrics=metrics_of,
        source="gan_repro/artifacts/curves.py",
    output:
        multiext("<results>/figures/curves_{dataset}", ".png", ".pdf"),
    log:
        "<logs>/figures/curves_{dataset}.log",
    localrule: True
    conda:
        "../../environment.yml"
    params:
        runs=lambda wildcards, input: [str(Path(path).parent) for path in input.metrics],
        out=lambda wildcards, output: Path(output[0]).with_suffix(""),
    message:
        "Drawing the learning curves of {wildcards.dataset}"
    shell:
        "gan-repro curves {params.runs} --out {params.out} > {log} 2>&1"


rule manifest:
    input:
        multiext("<results>/figures/fig1", ".png", ".pdf"),
        rules.figure2.output,
        rules.figure3.output,
        rules.cards.output,
        expand("<results>/figures/curves_{dataset}.png", dataset=trained_datasets()),
        [f"<results>/{name}.csv" for name in TABLES],
        rules.mixing_table.output if MIXED else [],
        all_scores(),
        expand("<results>/checks/{notebook}.json", notebook=NOTEBOOKS),
        expand("<results>/notebooks/{notebook}.html", notebook=NOTEBOOKS),
    output:
        "<results>/manifest.json",
    log:
        "<logs>/manifest.log",
    localrule: True
    conda:
        "../../environment.yml"
    params:
        folder=subpath(output[0], parent=True),
    message:
        "Listing the SHA-256 of every artefact in {output}"
    shell:
        "gan-repro manifest {input} --root {params.folder} --out {output} > {log} 2>&1"
