# The theory needs no dataset, so these jobs never wait for a download.
rule notebook:
    input:
        source="notebooks/{notebook}.ipynb",
        page="gan_repro/artifacts/page.html",
        data=lambda wildcards: notebook_data(wildcards.notebook),
    output:
        notebook="<results>/notebooks/{notebook}.ipynb",
        page=reported(
            "<results>/notebooks/{notebook}.html",
            "notebook",
            "Theory",
            notebook="{notebook}",
        ),
        checks="<results>/checks/{notebook}.json",
    log:
        text="<logs>/notebooks/{notebook}.log",
        failed="<logs>/notebooks/{notebook}.failed.ipynb",
    benchmark:
        "<benchmarks>/notebooks/{notebook}.tsv"
    wildcard_constraints:
        notebook="(?!{})[0-9]{{2}}_[a-z0-9_]+".format("|".join((FIGURE_1, *ON_RECORDS))),
    retries: 1
    conda:
        "../envs/gan-repro.yaml"
    threads: 1
    params:
        runner=RUNNER,
        root=lambda wildcards, output: json.dumps(str(Path(output.checks).parents[1])),
        # Of the wildcards alone: Snakemake does not notice that a parameter made of inputs changes.
        options=lambda wildcards: notebook_options(wildcards.notebook),
        source=lambda wildcards: notebook_source(wildcards.notebook),
    message:
        "Executing notebook {wildcards.notebook}"
    shell:
        "python {params.runner:q} {input.source:q} {output.notebook:q} {output.page:q}"
        " --failed {log.failed:q} -p results {params.root:q} {params.options:q} > {log.text:q} 2>&1"


# The one notebook that writes a figure of the paper as well.
use rule notebook as figure_1 with:
    input:
        source=f"notebooks/{FIGURE_1}.ipynb",
        page="gan_repro/artifacts/page.html",
    output:
        notebook=f"<results>/notebooks/{FIGURE_1}.ipynb",
        page=reported(
            f"<results>/notebooks/{FIGURE_1}.html",
            "notebook",
            "Theory",
            notebook=FIGURE_1,
        ),
        checks=f"<results>/checks/{FIGURE_1}.json",
        figure=reported("<results>/figures/fig1.png", "fig1", "Figures", figure="1"),
        print="<results>/figures/fig1.pdf",
        game="<results>/figures/fig1_game.json",
    log:
        text=f"<logs>/notebooks/{FIGURE_1}.log",
        failed=f"<logs>/notebooks/{FIGURE_1}.failed.ipynb",
    benchmark:
        f"<benchmarks>/notebooks/{FIGURE_1}.tsv"
    params:
        runner=RUNNER,
        root=lambda wildcards, output: json.dumps(str(Path(output.checks).parents[1])),
        options=notebook_options(FIGURE_1),
        source=notebook_source(FIGURE_1),
    message:
        "Executing the notebook that plays the game of Figure 1"
