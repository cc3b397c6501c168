# Tables, figures and cards: light jobs that read what runs have left. Where a job before them has
# failed, they are made from what there is (see `onerror` in the Snakefile).
TABLES = (
    "table1",
    "table1_paper",
    "table1_comparison",
    "table1_notes",
    "table2",
    "table2_arxiv",
)
IN_TABLE = or_stop(selection.column_datasets, config["columns"])
REDRAWN = OUTPUTS.redrawn(*IN_TABLE) if config["redraws"] else []
DRIFTS = OUTPUTS.drifts(*IN_TABLE) if config["burn_ins"] else []
SHOWN = OUTPUTS.shown(config["figure2"])
# How chains mix is measured on the first column's data.
MIXED = OUTPUTS.mixing(TABLE_1, config["columns"][0])


rule table:
    input:
        scores=OUTPUTS.scores(*IN_TABLE),
        # Read where they lie beside a score.
        beside=REDRAWN + DRIFTS,
    output:
        [
            reported(f"<results>/{name}.csv", name, "Tables", table=name)
            for name in TABLES
        ],
    log:
        "<logs>/table.log",
    localrule: True
    conda:
        "../envs/gan-repro.yaml"
    params:
        folder=subpath(output[0], parent=True),
        columns=or_stop(selection.column_options, config["columns"], RAW),
        expected=[
            word
            for name, content in TABULATED.items()
            if name not in OUTPUTS.first_stages and content["dataset"] in IN_TABLE
            for word in ("--expect", name)
        ],
        logs=LOGS,
        source=source_digest("gan_repro.artifacts.tables"),
    message:
        "Building Tables 1 and 2 in {params.folder}"
    shell:
        "gan-repro table {input.scores:q} {params.columns:q} {params.expected:q}"
        " --logs {params.logs:q} --out {params.folder:q} > {log:q} 2>&1"


rule scores:
    input:
        OUTPUTS.scores(*DATASETS),
    output:
        reported("<results>/scores.csv", "scores", "Tables", table="scores"),
    log:
        "<logs>/scores.log",
    localrule: True
    conda:
        "../envs/gan-repro.yaml"
    params:
        source=source_digest("gan_repro.artifacts.tables"),
    message:
        "Listing every score in {output}"
    shell:
        "gan-repro scores {input:q} --out {output:q} > {log:q} 2>&1"


rule mixing_table:
    input:
        MIXED,
    output:
        table=reported("<results>/mixing.csv", "mixing", "Tables", table="mixing"),
        figure=reported(
            "<results>/figures/mixing.png", "mixing", "Figures", figure="mixing"
        ),
        print="<results>/figures/mixing.pdf",
    log:
        "<logs>/mixing.log",
    localrule: True
    conda:
        "../envs/gan-repro.yaml"
    params:
        folder=subpath(output.table, parent=True),
        source=source_digest("gan_repro.artifacts.mixing_table"),
    message:
        "Comparing the mixing of every chain in {output.table}"
    shell:
        "gan-repro mixing-table {input:q} --out {params.folder:q} > {log:q} 2>&1"


rule drift_table:
    input:
        DRIFTS,
    output:
        table=reported("<results>/drift.csv", "drift", "Tables", table="drift"),
        figure=reported(
            "<results>/figures/drift.png", "drift", "Figures", figure="drift"
        ),
        print="<results>/figures/drift.pdf",
    log:
        "<logs>/drift.log",
    localrule: True
    conda:
        "../envs/gan-repro.yaml"
    params:
        folder=subpath(output.table, parent=True),
        source=source_digest("gan_repro.artifacts.drift_table"),
    message:
        "Comparing how scores drift in {output.table}"
    shell:
        "gan-repro drift-table {input:q} --out {params.folder:q} > {log:q} 2>&1"


GROWTH_RECORDS = OUTPUTS.growth(config["growth"]["of"])


rule growth_table:
    input:
        GROWTH_RECORDS,
        config["growth"]["beside"],
    output:
        table=reported("<results>/growth.csv", "growth", "Tables", table="growth"),
        figures=[
            reported(f"<results>/figures/{name}.png", name, "Figures", figure=name)
            for name in ("growth", "errors", "printed")
        ],
        prints=multiext("<results>/figures/", "growth.pdf", "errors.pdf", "printed.pdf"),
    log:
        "<logs>/growth.log",
    localrule: True
    conda:
        "../envs/gan-repro.yaml"
    params:
        folder=subpath(output.table, parent=True),
        source=source_digest("gan_repro.artifacts.printed_figure"),
    message:
        "Drawing how scores grow with the number of samples in {output.table}"
    shell:
        "gan-repro growth {input:q} --out {params.folder:q} > {log:q} 2>&1"


COMPARED = OUTPUTS.factors(config["factors"]["of"])
BESIDE = config["factors"]["beside"] if COMPARED else []


rule factors:
    input:
        [f"{run}/trained.sha256" for run in COMPARED],
        [f"{run}/metrics.csv" for run in BESIDE],
    output:
        table=reported("<results>/factors.csv", "factors", "Tables", table="factors"),
        figure=reported(
            "<results>/figures/factors.png", "factors", "Figures", figure="factors"
        ),
        print="<results>/figures/factors.pdf",
    log:
        "<logs>/factors.log",
    localrule: True
    conda:
        "../envs/gan-repro.yaml"
    params:
        folder=subpath(output.table, parent=True),
        runs=lambda wildcards, input: [str(Path(path).parent) for path in input],
        source=source_digest("gan_repro.artifacts.factors"),
    message:
        "Comparing one factor at a time in {output.table}"
    shell:
        "gan-repro factors {params.runs:q} --out {params.folder:q} > {log:q} 2>&1"


rule curves:
    input:
        lambda wildcards: [
            f"{run}/trained.sha256" for run in OUTPUTS.runs(wildcards.dataset)
        ],
    output:
        reported(
            "<results>/figures/curves_{dataset}.png",
            "curves",
            "Learning curves",
            data="{dataset}",
        ),
        "<results>/figures/curves_{dataset}.pdf",
    log:
        "<logs>/figures/curves_{dataset}.log",
    localrule: True
    conda:
        "../envs/gan-repro.yaml"
    params:
        runs=lambda wildcards, input: [str(Path(path).parent) for path in input],
        out=lambda wildcards, output: str(Path(output[0]).with_suffix("")),
        source=source_digest("gan_repro.artifacts.curves"),
    message:
        "Drawing the learning curves of {wildcards.dataset}"
    shell:
        "gan-repro curves {params.runs:q} --out {params.out:q} > {log:q} 2>&1"


rule figure2:
    input:
        runs=[f"{OUTPUTS.first_run(name)}/samples.npy" for name in SHOWN.values()],
        data=prepared(*(EXPERIMENTS[name]["dataset"] for name in SHOWN.values())),
    output:
        reported("<results>/figures/fig2.png", "fig2", "Figures", figure="2"),
        "<results>/figures/fig2.pdf",
        [
            f"<results>/figures/fig2{letter}.{kind}"
            for letter in SHOWN
            for kind in ("png", "pdf")
        ],
        distances=reported(
            "<results>/figures/fig2_distances.csv",
            "fig2_distances",
            "Tables",
            table="distances of Figure 2",
        ),
    log:
        "<logs>/figures/fig2.log",
    conda:
        "../envs/gan-repro.yaml"
    threads: config["threads"]
    resources:
        gpu=GPU,
    params:
        folder=subpath(output.distances, parent=True),
        panels=lambda wildcards, input: [
            word
            for letter, path in zip(SHOWN, input.runs)
            for word in ("--panel", f"{letter}={Path(path).parent}")
        ],
        options=READ + COMPUTE,
        source=source_digest("gan_repro.artifacts.figures"),
    message:
        "Drawing Figure 2 and measuring distances to the training images"
    shell:
        "gan-repro figure2 {params.panels:q} --out {params.folder:q} {params.options:q}"
        " > {log:q} 2>&1"


rule figure3:
    input:
        run=TRAINED.format(experiment=config["figure3"], seed=config["seeds"][0]),
        data=lambda wildcards: prepared(EXPERIMENTS[config["figure3"]]["dataset"]),
    output:
        reported("<results>/figures/fig3.png", "fig3", "Figures", figure="3"),
        "<results>/figures/fig3.pdf",
        "<results>/figures/fig3_distances.csv",
    log:
        "<logs>/figures/fig3.log",
    localrule: True
    conda:
        "../envs/gan-repro.yaml"
    threads: config["threads"]
    params:
        run=subpath(input.run, parent=True),
        folder=subpath(output[0], parent=True),
        options=READ + ["--threads", config["threads"]],
        source=source_digest("gan_repro.artifacts.figures"),
    message:
        "Drawing Figure 3"
    shell:
        "gan-repro figure3 {params.run:q} --out {params.folder:q} {params.options:q} > {log:q} 2>&1"


rule cards:
    input:
        runs=[f"{run}/trained.sha256" for run in OUTPUTS.runs()],
        scores=[f"{run}/parzen.json" for run in OUTPUTS.scored_runs()],
        others=OUTPUTS.redrawn() if config["redraws"] else [],
    output:
        [
            reported(
                f"{run}/card.md",
                "card",
                "Models",
                experiment=Path(run).parent.name,
                run=Path(run).name,
            )
            for run in OUTPUTS.runs()
        ],
    log:
        "<logs>/cards.log",
    localrule: True
    conda:
        "../envs/gan-repro.yaml"
    params:
        runs=lambda wildcards, output: [str(Path(path).parent) for path in output],
        source=source_digest("gan_repro.artifacts.cards"),
    message:
        "Writing a model card for every run"
    shell:
        "gan-repro card {params.runs:q} > {log:q} 2>&1"


FIGURE_1_FILES = OUTPUTS.finished(
    multiext("<results>/figures/fig1", ".png", ".pdf", "_game.json")
)
FIGURE_3 = rules.figure3.output if config["figure3"] in SHOWN.values() else []
CHECKS = OUTPUTS.finished(
    expand("<results>/checks/{notebook}.json", notebook=NOTEBOOKS)
)
MEASURED = OUTPUTS.finished(f"<results>/extensions/{name}.json" for name in RECORDS)


# One job for all that reads checks, records and tables: each would start an interpreter for less
# than a second of work.
rule conclude:
    input:
        rules.table.output,
        rules.mixing_table.output if MIXED else [],
        rules.figure2.output if SHOWN else [],
        FIGURE_1_FILES,
        FIGURE_3,
        CHECKS,
        MEASURED,
        [f"{run}/trained.sha256" for run in OUTPUTS.runs()],
        words=[
            str(path)
            for part in ("claims/statements", "report")
            for path in sorted(Path("gan_repro/artifacts", part).iterdir())
            if path.suffix in (".yaml", ".j2", ".html")
        ],
    output:
        evidence=reported(
            "<results>/table2_evidence.csv",
            "table2_evidence",
            "Tables",
            table="table2_evidence",
        ),
        claims=reported("<results>/claims.csv", "claims", "Tables", table="claims"),
        report="<results>/REPORT.md",
        page=reported("<results>/REPORT.html", "report", "Report", form="for printing"),
    log:
        "<logs>/conclude.log",
    localrule: True
    conda:
        "../envs/gan-repro.yaml"
    params:
        folder=subpath(output.claims, parent=True),
        source=source_digest(
            "gan_repro.artifacts.evidence", "gan_repro.artifacts.report.document"
        ),
    message:
        "Judging every statement of the paper, and writing the report"
    shell:
        "gan-repro conclude {params.folder:q} > {log:q} 2>&1"


# What the manifest lists: everything, or what can be made of the runs that are finished.
ARTIFACTS = [
    *rules.table.output,
    *(rules.scores.output if OUTPUTS.scores(*DATASETS) else []),
    *(rules.mixing_table.output if MIXED else []),
    *(rules.drift_table.output if DRIFTS else []),
    *(rules.growth_table.output if GROWTH_RECORDS else []),
    *(rules.factors.output if len(COMPARED + BESIDE) > 1 else []),
    *(rules.figure2.output if SHOWN else []),
    *FIGURE_1_FILES,
    *FIGURE_3,
    *rules.conclude.output,
    *rules.cards.output,
    *OUTPUTS.scores(*DATASETS),
    *(
        f"<results>/figures/curves_{name}.png"
        for name in DATASETS
        if OUTPUTS.runs(name)
    ),
    *OUTPUTS.finished(PAGES),
    *CHECKS,
    *MEASURED,
    *(["<results>/notebooks/index.html"] if OUTPUTS.finished(PAGES) else []),
]


rule index:
    input:
        pages=OUTPUTS.finished(PAGES),
        checks=CHECKS,
    output:
        reported("<results>/notebooks/index.html", "index", "Theory", notebook="all"),
    log:
        "<logs>/index.log",
    localrule: True
    conda:
        "../envs/gan-repro.yaml"
    params:
        folder=subpath(output[0], parent=True),
        source=source_digest("gan_repro.artifacts.pages"),
    message:
        "Listing the notebooks in {output}"
    shell:
        "gan-repro index {params.folder:q} > {log:q} 2>&1"


rule manifest:
    input:
        ARTIFACTS,
    output:
        "<results>/manifest.json",
    log:
        "<logs>/manifest.log",
    localrule: True
    conda:
        "../envs/gan-repro.yaml"
    params:
        folder=subpath(output[0], parent=True),
        source=source_digest("gan_repro.artifacts.manifest"),
    message:
        "Listing the SHA-256 of every artefact in {output}"
    shell:
        "gan-repro manifest {input:q} --root {params.folder:q} --out {output:q} > {log:q} 2>&1"


PAGE_TEMPLATES = sorted(
    str(path) for path in Path("gan_repro/artifacts/page/templates").rglob("*.*")
)


# Made of everything that the manifest lists, and of the manifest. It says how long the jobs took, so
# no two runs have the same page, and the manifest does not list it.
rule page:
    input:
        manifest="<results>/manifest.json",
        templates=PAGE_TEMPLATES,
    output:
        reported("<results>/index.html", "page", "The page", page="all results"),
    log:
        "<logs>/page.log",
    localrule: True
    conda:
        "../envs/gan-repro.yaml"
    params:
        folder=subpath(output[0], parent=True),
        benchmarks=BENCHMARKS,
        source=source_digest("gan_repro.artifacts.page.document"),
    message:
        "Writing the page {output}"
    shell:
        "gan-repro page {params.folder:q} --benchmarks {params.benchmarks:q} > {log:q} 2>&1"


# A check that fails stops nothing: ledger and page say so. It fails the run, when all is written.
rule hold:
    input:
        checks=CHECKS,
        page="<results>/index.html",
    output:
        touch("<logs>/checks_hold"),
    log:
        "<logs>/checks.log",
    localrule: True
    conda:
        "../envs/gan-repro.yaml"
    params:
        folder=subpath(input.page, parent=True),
        source=source_digest("gan_repro.artifacts.summary"),
    message:
        "Looking whether every check of the notebooks holds"
    shell:
        "gan-repro checks {params.folder:q} > {log:q} 2>&1"
