"""Why a retrained row of Table 1 may differ from the paper's: the most likely reason, in words."""

LIKELY_REASONS = {
    "Adversarial nets": "neither the last epoch nor the kept one is published; the learning rate "
    "decays so slowly that the score still rises after hundreds of epochs, and the note says how "
    "many were trained here",
    "DBN": "the paper copied this row from earlier work, whose sizes, rates and "
    "sampling are not known; the score depends on how far its Gibbs chains had moved from their "
    "start and on using decoder means (binary pixels cost tens of nats)",
    "Stacked CAE": "the paper copied this row from earlier work, whose sizes and "
    "walk are not known; walks drift away from the data, so burn-in and the walk's noise move the "
    "score by tens of nats",
    "Deep GSN": "the public code trains for 1,000 epochs, and the note says how many were trained "
    "here, without the validation images; the chain starts at a training image, while the public "
    "code fixes σ = 0.2 and keeps a test image as first sample",
}
