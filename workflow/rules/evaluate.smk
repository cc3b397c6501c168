rule sample:
    input:
        TRAINED,
    output:
        f"{RUN}/samples.npy",
    log:
        "<logs>/sample/{experiment}_seed{seed}.log",
    conda:
        "../envs/gan-repro.yaml"
    threads: config["threads"]
    resources:
        gpu=GPU,
    params:
        folder=subpath(input[0], parent=True),
        options=["--count", config["samples"], *COMPUTE],
    message:
        "Sampling {wildcards.experiment}, seed {wildcards.seed}"
    shell:
        "gan-repro sample {params.folder:q} {params.options:q} > {log:q} 2>&1"


rule parzen:
    input:
        samples=f"{RUN}/samples.npy",
        data=lambda wildcards: prepared(dataset_of(wildcards)),
    output:
        f"{RUN}/parzen.json",
    log:
        "<logs>/parzen/{experiment}_seed{seed}.log",
    conda:
        "../envs/gan-repro.yaml"
    threads: config["threads"]
    resources:
        gpu=GPU,
    params:
        dataset=lambda wildcards: dataset_of(wildcards),
        options=READ + COMPUTE,
        source=source_digest("gan_repro.evaluation.scored"),
    message:
        "Scoring {wildcards.experiment}, seed {wildcards.seed}"
    shell:
        "gan-repro parzen {input.samples:q} --dataset {params.dataset:q} --out {output:q}"
        " {params.options:q} > {log:q} 2>&1"


rule redraw:
    input:
        run=TRAINED,
        data=lambda wildcards: prepared(dataset_of(wildcards)),
    output:
        f"{RUN}/redrawn.json",
    log:
        "<logs>/redraw/{experiment}_seed{seed}.log",
    conda:
        "../envs/gan-repro.yaml"
    threads: config["threads"]
    resources:
        gpu=GPU,
    params:
        folder=subpath(input.run, parent=True),
        options=[
            *("--draws", config["redraws"], "--count", config["samples"]),
            *READ,
            *COMPUTE,
        ],
        source=source_digest("gan_repro.experiments.redrawn"),
    message:
        "Scoring other draws of {wildcards.experiment}, seed {wildcards.seed}"
    shell:
        "gan-repro redraw {params.folder:q} --out {output:q} {params.options:q} > {log:q} 2>&1"


rule calibrate:
    input:
        f"{DATA}/prepared/{{dataset}}.npz",
    output:
        samples="<results>/calibration/{dataset}/{method}/samples.npy",
        record="<results>/calibration/{dataset}/{method}/run.json",
    log:
        "<logs>/calibrate/{dataset}_{method}.log",
    conda:
        "../envs/gan-repro.yaml"
    threads: config["threads"]
    params:
        folder=subpath(output.samples, parent=True),
        options=["--count", config["samples"], *READ],
        source=source_digest("gan_repro.evaluation.calibration"),
    message:
        "Calibration samples: {wildcards.method} of {wildcards.dataset}"
    shell:
        "gan-repro calibrate {wildcards.method:q} --dataset {wildcards.dataset:q}"
        " --out {params.folder:q} {params.options:q} > {log:q} 2>&1"


use rule parzen as parzen_calibration with:
    input:
        samples="<results>/calibration/{dataset}/{method}/samples.npy",
        data=f"{DATA}/prepared/{{dataset}}.npz",
    output:
        "<results>/calibration/{dataset}/{method}/parzen.json",
    log:
        "<logs>/parzen/{dataset}_{method}.log",
    params:
        dataset="{dataset}",
        options=READ + COMPUTE,
        source=source_digest("gan_repro.evaluation.scored"),
    message:
        "Scoring {wildcards.method} of {wildcards.dataset}"


rule drift:
    input:
        run=TRAINED,
        data=lambda wildcards: prepared(dataset_of(wildcards)),
    output:
        f"{RUN}/drift.json",
    log:
        "<logs>/drift/{experiment}_seed{seed}.log",
    conda:
        "../envs/gan-repro.yaml"
    threads: config["threads"]
    resources:
        gpu=GPU,
    params:
        folder=subpath(input.run, parent=True),
        options=[
            *(word for each in config["burn_ins"] for word in ("--burn-in", each)),
            *("--count", config["samples"]),
            *READ,
            *COMPUTE,
        ],
        source=source_digest("gan_repro.experiments.measured_chains"),
    message:
        "How the chains of {wildcards.experiment}, seed {wildcards.seed}, drift"
    shell:
        "gan-repro drift {params.folder:q} --out {output:q} {params.options:q} > {log:q} 2>&1"


GROWTH = ["--count", config["growth"]["samples"], *READ, *COMPUTE]


rule growth:
    input:
        run=TRAINED,
        data=lambda wildcards: prepared(dataset_of(wildcards)),
    output:
        f"{RUN}/growth.json",
    log:
        "<logs>/growth/{experiment}_seed{seed}.log",
    conda:
        "../envs/gan-repro.yaml"
    threads: config["threads"]
    resources:
        gpu=GPU,
    params:
        source_of_samples=subpath(input.run, parent=True),
        options=GROWTH,
        source=source_digest("gan_repro.experiments.growing"),
    message:
        "Growing the samples of {wildcards.experiment}, seed {wildcards.seed}"
    shell:
        "gan-repro parzen --from {params.source_of_samples:q} --out {output:q} {params.options:q}"
        " > {log:q} 2>&1"


use rule growth as growth_of_images with:
    input:
        data=f"{DATA}/prepared/{{dataset}}.npz",
    output:
        REAL_GROWTH,
    log:
        "<logs>/growth/{dataset}_training-images.log",
    params:
        source_of_samples="training-images",
        options=lambda wildcards: ["--dataset", wildcards.dataset, *GROWTH],
        source=source_digest("gan_repro.experiments.growing"),
    message:
        "Growing the training images of {wildcards.dataset}"


rule mixing:
    input:
        run=TRAINED,
        data=lambda wildcards: prepared(dataset_of(wildcards)),
    output:
        f"{RUN}/mixing.json",
    log:
        "<logs>/mixing/{experiment}_seed{seed}.log",
    conda:
        "../envs/gan-repro.yaml"
    threads: config["threads"]
    resources:
        gpu=GPU,
    params:
        folder=subpath(input.run, parent=True),
        options=READ + COMPUTE,
        source=source_digest("gan_repro.experiments.measured_chains"),
    message:
        "Mixing of {wildcards.experiment}, seed {wildcards.seed}"
    shell:
        "gan-repro mixing {params.folder:q} --out {output:q} {params.options:q} > {log:q} 2>&1"
