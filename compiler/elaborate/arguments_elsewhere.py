"""Arguments and settings that PyTorch and Keras call otherwise, or that are none."""

from collections.abc import Collection, Mapping

from dlmc.elaborate.elsewhere import turned_round


def _gathered(table: str) -> dict[str, tuple[str, ...]]:
    """As `turned_round`, of names that may mean several things."""
    found: dict[str, tuple[str, ...]] = {}
    for line in table.strip().splitlines():
        for name, here in turned_round(line).items():
            found[name] = (*found.get(name, ()), here)
    return found


ARGUMENTS: Mapping[str, tuple[str, ...]] = _gathered(
    """
    units: out_features
    filters: out_channels num_filters
    size: kernel_size kernel kernel_shape pool_size output_size
    size: num_embeddings input_dim vocab_size
    features: embedding_dim output_dim
    stride: strides
    padding: pads
    dilation: dilation_rate dilations
    groups: num_groups group
    multiplier: depth_multiplier
    bias: use_bias center
    affine: elementwise_affine
    init: kernel_initializer embeddings_initializer alpha_initializer
    eps: epsilon
    rate: p drop_rate ratio
    slope: negative_slope alpha
    count_padding: count_include_pad
    scale: scale_factor scales
    factor: upscale_factor downscale_factor
    method: mode interpolation
    axis: dim axes dims
    axes: perm dims dim axis
    keep: keepdim keepdims
    correction: ddof unbiased
    low: min min_value a_min clip_value_min minval
    high: max max_value a_max clip_value_max maxval
    parts: chunks num_or_size_splits split_size_or_sections num_outputs sections
    depth: num_classes
    shape: size newshape
    indices: index
    values: src updates
    shift: shifts
    repeats: reps multiples
    pattern: equation subscripts
    diagonal: k offset
    dtype: to
    prediction: input y_pred output
    target: y_true label labels
    logits: input y_pred
    ignore: ignore_index ignore_class
    smoothing: label_smoothing
    weight: class_weight class_weights
    positive_weight: pos_weight
    log_rate: input
    lr: learning_rate
    beta1: beta_1
    beta2: beta_2
    std: stddev
    batch: batch_size
    epochs: num_epochs n_epochs max_epochs
    warmup: warmup_steps
    floor: eta_min end_learning_rate
    alpha: rho
    every: step_size decay_steps
    at: milestones boundaries
    rates: values
    factor: gamma decay_rate t_mul T_mult
    period: T_0 first_decay_steps
    lr: max_lr initial_learning_rate
    initial: initial_accumulator_value
    clip: d clip_threshold
    """
)
"""An argument or setting by its name elsewhere: what it may be called here."""


def argument_here(name: str, known: Collection[str]) -> str | None:
    """The one of the known arguments or settings that a foreign name means."""
    return next((here for here in ARGUMENTS.get(name, ()) if here in known), None)


_FROM_INPUT = "leave it out: it is taken from the input"
_NAMED = "an instance is named by `as`: `x -> Dense(10) as head`"
_REDUCED = (
    'a loss is the mean over the batch, or what its `reduction` says: "sum", "none"'
)

EXPLAINED: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "in_features",
            "in_channels",
            "num_features",
            "num_channels",
            "num_parameters",
            "normalized_shape",
            "input_shape",
            "input_size",
            "batch_input_shape",
        ),
        _FROM_INPUT,
    ),
    "data_format": "leave it out: channels are the second axis on every target",
    "activation": "an activation is a stage of its own: `x -> Dense(10) -> relu`",
    "inplace": "leave it out: a value never changes",
    "device": "leave it out: a project's scripts choose the device",
    "name": _NAMED,
    "size_average": _REDUCED,
    "reduce": _REDUCED,
    "sample_weight": "weight the losses of the samples:"
    ' `mean(weight * mae(y, target, reduction = "none"))`',
    "train.class_weight": "it is the loss's:"
    " `cross_entropy(logits, label, weight = [1, 2])`",
    "poisson.log_input": "leave it out: `poisson` takes the logarithm of the rate",
    "from_logits": "leave it out: losses take logits",
    "BatchNorm.momentum": "`decay` multiplies the old statistics: it is Keras's"
    " momentum, and 1 less PyTorch's",
    "BatchNorm.track_running_stats": "leave it out: running statistics are kept",
    "LayerNorm.normalized_shape": "leave it out: `axes = 2` takes the last two axes",
    "SpectralNorm.n_power_iterations": "leave it out: a step of training takes one",
    "SpectralNorm.power_iterations": "leave it out: a step of training takes one",
    "bias_initializer": "leave it out: a bias starts at 0",
    "beta_initializer": "leave it out: a bias starts at 0",
    "gamma_initializer": "leave it out: a scale starts at 1",
    "betas": "they are two: `beta1` and `beta2`",
    "Dense.bias": "one size is enough, what comes out: `Dense(8)`",
    **dict.fromkeys(
        ("train.lr", "train.learning_rate"),
        "it is the optimizer's: `optimizer = adam(lr = 1e-3)`",
    ),
    **dict.fromkeys(
        ("train.schedule", "train.scheduler", "train.lr_scheduler"),
        "it is the learning rate: `optimizer = adam(lr = cosine(1e-3))`",
    ),
    **dict.fromkeys(
        ("train.model", "train.data"), "it stands before the braces: `train M on d`"
    ),
    "train.shuffle": "leave it out: the samples of each epoch are in another order",
    "train.device": "leave it out: the project's scripts choose the device",
    "train.verbose": "leave it out: the project's scripts show how far they are",
    "sgd.weight_decay": "`l2` adds to the gradient, as PyTorch's does",
    "adam.weight_decay": "`l2` adds to the gradient, as PyTorch's does; `adamw` has"
    " `weight_decay`, apart from it",
    **{
        f"{name}.weight_decay": "`l2` adds to the gradient, as PyTorch's does"
        for name in ("adamax", "rmsprop", "adagrad", "adadelta")
    },
    "one_cycle.pct_start": "`warmup` is a number of steps: `warmup = 30% * steps`",
    "one_cycle.total_steps": "leave it out: it is known how many steps there are",
    "cosine.T_max": "leave it out: it goes over all the steps that there are",
    "gelu.approximate": "there are two functions: `gelu` and `gelu_tanh`",
    "training": "leave it out: training and inference are told apart by themselves",
}
"""What else there is to say about an argument that a definition here does not have, of
one of them or of all."""


def explained(callee: str, name: str, *, alone: bool = False) -> str | None:
    """What there is to say about an argument that a definition does not have.

    `alone` leaves out what holds of the arguments of all definitions.
    """
    found = EXPLAINED.get(f"{callee}.{name}")
    return found or (None if alone else EXPLAINED.get(name))
