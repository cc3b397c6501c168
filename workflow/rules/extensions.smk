# Section 7 and the evidence for Table 2: experiments trained for them, records measured on those and
# on the runs of Table 1, and two notebooks that read the records.
GROUPS = or_stop(
    selection.groups, config["together"], EXPERIMENTS, OUTPUTS.first_stages
)
RECORDS = list(EXTENSIONS.extensions) if EXTENSIONS else []

for number, group in enumerate(GROUPS, 1):
    members = [(name, seed) for name in group for seed in seeds_of(name)]

    rule:
        name:
            f"together_{number}"
        input:
            prepared(*(EXPERIMENTS[name]["dataset"] for name in group)),
            [
                TRAINED.format(experiment=first, seed=seed)
                for name, seed in members
                for first in [EXPERIMENTS[name].get("pretrained")]
                if first and first not in group
            ],
        output:
            [
                str(Path(RUN.format(experiment=name, seed=seed)) / file)
                for name, seed in members
                for file in ("trained.sha256", "samples.npy", "parzen.json")
            ],
        log:
            f"<logs>/train/together_{number}.log",
        benchmark:
            f"<benchmarks>/train/together_{number}.tsv"
        # The first is the longest.
        priority: len(GROUPS) - number + 1
        conda:
            "../envs/gan-repro.yaml"
        threads: config["threads"]
        params:
            folder=subpath(output[0], ancestor=3),
            chosen=[f"{name}:{seed}" for name, seed in members],
            epochs=[
                word
                for name, epochs in config["epochs"].items()
                if name in group
                for word in ("--epochs", f"{name}={epochs}")
            ],
            options=["--count", config["samples"], *READ, *COMPUTE, *CHANGED],
            content=[content_digest(EXPERIMENTS[name]) for name in group],
            source=[
                source_digest(
                    "gan_repro.experiments.whole",
                    *(KINDS[EXPERIMENTS[name]["model"]["kind"]] for name in group),
                )
            ],
        message:
            "Training, drawing from and scoring small experiments in one job (progress: {log})"
        shell:
            "gan-repro together {params.chosen:q} --runs {params.folder:q} {params.epochs:q}"
            " {params.options:q} > {log:q} 2>&1"

    for other in ("train", "sample", "parzen"):
        workflow.ruleorder(f"together_{number}", other)


# One job measures one extension; where experiments are trained together, one job measures all.
for batch in [RECORDS] if GROUPS and RECORDS else [[name] for name in RECORDS]:

    rule:
        name:
            "extensions" if GROUPS else f"extension_{batch[0]}"
        input:
            files=EXTENSIONS.files(batch),
            data=prepared(EXTENSIONS.dataset),
        output:
            [f"<results>/extensions/{name}.json" for name in batch],
        log:
            f"<logs>/extensions/{'all' if GROUPS else batch[0]}.log",
        benchmark:
            f"<benchmarks>/extensions/{'all' if GROUPS else batch[0]}.tsv"
        conda:
            "../envs/gan-repro.yaml"
        threads: config["threads"]
        resources:
            gpu=GPU,
            mem_mb=8000,
            runtime=720,
        params:
            names=batch,
            chosen=config["extensions"],
            folder=subpath(output[0], parent=True),
            runs=lambda wildcards, output: str(Path(output[0]).parents[1] / "runs"),
            options=READ + COMPUTE,
            content=[
                content_digest(EXTENSIONS.entry(name).model_dump()) for name in batch
            ],
            source=[
                source_digest("gan_repro.extensions.measured", EXTENSION_MODULES[name])
                for name in batch
            ],
        message:
            "Measuring {params.names}"
        shell:
            "gan-repro extensions measure {params.names:q} --of {params.chosen:q}"
            " --runs {params.runs:q} --out {params.folder:q} {params.options:q} > {log:q} 2>&1"


use rule notebook as extension_notebook with:
    input:
        source="notebooks/{notebook}.ipynb",
        page="gan_repro/artifacts/page.html",
        records=lambda wildcards: [
            f"<results>/extensions/{name}.json"
            for name in ON_RECORDS[wildcards.notebook]
        ],
    wildcard_constraints:
        notebook="|".join(ON_RECORDS),
    params:
        runner=RUNNER,
        root=lambda wildcards, output: json.dumps(str(Path(output.checks).parents[1])),
        options=lambda wildcards: notebook_options(wildcards.notebook),
        source=lambda wildcards: notebook_source(wildcards.notebook),
    message:
        "Executing notebook {wildcards.notebook} on the extensions' records"
