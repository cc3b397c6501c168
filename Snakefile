# The front door. Everything is in workflow/Snakefile; this file only makes a bare `snakemake` work.
include: "workflow/Snakefile"


workflow.default_target = "all"
