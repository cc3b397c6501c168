rule sample:
    input:
        weights="<results>/runs/{experiment}/seed{seed}/model.safetensors",
    output:
        "<results>/runs/{experiment}/seed{seed}/samples.npy",
    log:
        "<logs>/sample/{experiment}_seed{seed}.log",
    conda:
        "../../environment.yml"
    threads: config["threads"]
    params:
        folder=subpath(input.weights, parent=True),
        options=f"--count {config['samples']} --device {config['device']}"
        f" --threads {config['threads']}",
    message:
        "Sampling {wildcards.experiment}, seed {wildcards.seed}"
    shell:
        "gan-repro sample {params.folder} {params.options} > {log} 2>&1"


rule calibrate:
    input:
        f"{config['data']}/prepared/{{dataset}}.npz",
        "gan_repro/evaluation/calibration.py",
    output:
        samples="<results>/calibration/{dataset}/{method}/samples.npy",
        record="<results>/calibration/{dataset}/{method}/run.json",
    log:
        "<logs>/calibrate/{dataset}_{method}.log",
    conda:
        "../../environment.yml"
    threads: config["threads"]
    params:
        folder=subpath(output.samples, parent=True),
        options=f"--data {config['data']} --count {config['samples']}",
    message:
        "Calibration samples: {wildcards.method} of {wildcards.dataset}"
    shell:
        "gan-repro calibrate {wildcards.method} --dataset {wildcards.dataset}"
        " --out {params.folder} {params.options} > {log} 2>&1"


rule parzen:
    input:
        samples="<results>/runs/{experiment}/seed{seed}/samples.npy",
        record="<results>/runs/{experiment}/seed{seed}/run.json",
        data=prepared,
        source="gan_repro/evaluation/parzen.py",
    output:
        "<results>/runs/{experiment}/seed{seed}/parzen.json",
    log:
        "<logs>/parzen/{experiment}_seed{seed}.log",
    conda:
        "../../environment.yml"
    threads: config["threads"]
    resources:
        gpu=GPU,
    params:
        dataset=lambda wildcards: EXPERIMENTS[wildcards.experiment]["dataset"],
        options=f"--data {config['data']} --device {config['device']} --threads {config['threads']}",
    message:
        "Scoring {wildcards.experiment}, seed {wildcards.seed}"
    shell:
        "gan-repro parzen {input.samples} --dataset {params.dataset} --out {output} {params.options} > {log} 2>&1"


use rule parzen as parzen_calibration with:
    input:
        samples="<results>/calibration/{dataset}/{method}/samples.npy",
        record="<results>/calibration/{dataset}/{method}/run.json",
        data=f"{config['data']}/prepared/{{dataset}}.npz",
        source="gan_repro/evaluation/parzen.py",
    output:
        "<results>/calibration/{dataset}/{method}/parzen.json",
    log:
        "<logs>/parzen/{dataset}_{method}.log",
    conda:
        "../../environment.yml"
    params:
        dataset="{dataset}",
        options=f"--data {config['data']} --device {config['device']} --threads {config['threads']}",
    message:
        "Scoring {wildcards.method} of {wildcards.dataset}"
