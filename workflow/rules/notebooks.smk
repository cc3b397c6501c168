# The theory needs no dataset, so these jobs never wait for a download.
rule notebook:
    input:
        source="notebooks/{notebook}.ipynb",
        data=notebook_data,
        library=THEORY,
    output:
        notebook="<results>/notebooks/{notebook}.ipynb",
        page=report(
            "<results>/notebooks/{notebook}.html",
            category="Theory",
            labels={"notebook": "{notebook}"},
        ),
        checks="<results>/checks/{notebook}.json",
    log:
        text="<logs>/notebooks/{notebook}.log",
        failed="<logs>/notebooks/{notebook}.failed.ipynb",
    benchmark:
        "<benchmarks>/notebooks/{notebook}.tsv"
    wildcard_constraints:
        notebook=f"(?!{FIGURE_1})[0-9]{{2}}_[a-z0-9_]+",
    retries: 1
    conda:
        "../../environment.yml"
    threads: 1
    params:
        root=subpath(output.checks, ancestor=2),
        options=notebook_parameters,
    message:
        "Executing notebook {wildcards.notebook}"
    shell:
        "python workflow/scripts/run_notebook.py {input.source} {output.notebook} {output.page}"
        " --failed {log.failed} -p results {params.root} {params.options} > {log.text} 2>&1"


# The one notebook that writes a figure of the paper as well.
use rule notebook as figure_1 with:
    input:
        source=f"notebooks/{FIGURE_1}.ipynb",
        library=THEORY,
    output:
        notebook=f"<results>/notebooks/{FIGURE_1}.ipynb",
        page=report(
            f"<results>/notebooks/{FIGURE_1}.html",
            category="Theory",
            labels={"notebook": FIGURE_1},
        ),
        checks=f"<results>/checks/{FIGURE_1}.json",
        figure=multiext("<results>/figures/fig1", ".png", ".pdf"),
    log:
        text=f"<logs>/notebooks/{FIGURE_1}.log",
        failed=f"<logs>/notebooks/{FIGURE_1}.failed.ipynb",
    benchmark:
        f"<benchmarks>/notebooks/{FIGURE_1}.tsv"
    params:
        root=subpath(output.checks, ancestor=2),
        options=notebook_options(FIGURE_1),
    message:
        "Executing the notebook that plays the game of Figure 1"
