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
