"""Names that PyTorch, Keras, ONNX and NumPy use for what is called otherwise here."""

from collections.abc import Collection, Mapping


def _turned_round(table: str) -> dict[str, str]:
    """Names elsewhere to the name here, from lines `here: elsewhere elsewhere …`."""
    found: dict[str, str] = {}
    for line in table.strip().splitlines():
        here, _, names = line.partition(":")
        for name in names.split():
            found[name] = here.strip()
    return found


def _gathered(table: str) -> dict[str, tuple[str, ...]]:
    """As `_turned_round`, of names that may mean several things."""
    found: dict[str, tuple[str, ...]] = {}
    for line in table.strip().splitlines():
        for name, here in _turned_round(line).items():
            found[name] = (*found.get(name, ()), here)
    return found


def _for_axes(here: str, *patterns: str, low: int = 1) -> dict[str, str]:
    """Names that say the number of axes, in all their spellings: `Conv2d`, `Conv2D`."""
    return {
        pattern.replace("?", f"{n}{letter}"): here
        for pattern in patterns
        for n in range(low, 4)
        for letter in ("d", "D")
    }


NAMES: Mapping[str, str] = {
    # Layers
    **_for_axes("Conv", "Conv?", "Convolution?", "LazyConv?"),
    **_for_axes("ConvTranspose", "ConvTranspose?", "Conv?Transpose", "Deconv?"),
    **_for_axes("ConvTranspose", "Convolution?Transpose", "LazyConvTranspose?"),
    **_for_axes("DepthwiseConv", "DepthwiseConv?"),
    **_for_axes("SeparableConv", "SeparableConv?", "SeparableConvolution?"),
    **_for_axes("BatchNorm", "BatchNorm?", "LazyBatchNorm?"),
    **_for_axes("InstanceNorm", "InstanceNorm?", "LazyInstanceNorm?"),
    **_turned_round(
        """
        Dense: Linear LazyLinear FullyConnected Gemm
        Conv: Convolution
        BatchNorm: BatchNormalization
        LayerNorm: LayerNormalization layer_norm
        GroupNorm: GroupNormalization group_norm
        InstanceNorm: InstanceNormalization instance_norm
        RMSNorm: RMSNormalization rms_norm
        Dropout: dropout
        PReLU: PRelu prelu
        """
    ),
    # Pooling, resizing, padding
    **_for_axes("max_pool", "MaxPool?", "MaxPooling?", "max_pool?"),
    **_for_axes("avg_pool", "AvgPool?", "AveragePooling?", "avg_pool?"),
    **_for_axes("global_max_pool", "GlobalMaxPool?", "GlobalMaxPooling?"),
    **_for_axes("global_avg_pool", "GlobalAvgPool?", "GlobalAveragePooling?"),
    **_for_axes("adaptive_avg_pool", "AdaptiveAvgPool?", "AdaptiveAveragePooling?"),
    **_for_axes("adaptive_avg_pool", "adaptive_avg_pool?"),
    **_for_axes("resize", "UpSampling?"),
    **_for_axes("pad", "ZeroPadding?", "ZeroPad?", "ConstantPad?"),
    **_for_axes("reflect_pad", "ReflectionPad?"),
    **_for_axes("replicate_pad", "ReplicationPad?"),
    **_turned_round(
        """
        max_pool: MaxPool
        avg_pool: AveragePool AvgPool average_pool
        global_max_pool: GlobalMaxPool
        global_avg_pool: GlobalAveragePool
        adaptive_avg_pool: adaptive_average_pool
        resize: Upsample Resize Resizing interpolate UpsamplingNearest2d
        pixel_shuffle: PixelShuffle
        pixel_unshuffle: PixelUnshuffle
        """
    ),
    # Activations
    **_turned_round(
        """
        relu: ReLU Relu
        relu6: ReLU6 Relu6
        leaky_relu: LeakyReLU LeakyRelu
        elu: ELU Elu
        selu: SELU Selu
        celu: CELU Celu
        gelu: GELU Gelu
        silu: SiLU Silu swish Swish
        mish: Mish
        sigmoid: Sigmoid logistic expit
        log_sigmoid: LogSigmoid logsigmoid
        hard_sigmoid: Hardsigmoid hardsigmoid
        hard_swish: Hardswish HardSwish hardswish hard_silu
        hard_tanh: Hardtanh hardtanh
        softplus: Softplus SoftPlus
        softsign: Softsign SoftSign
        tanh: Tanh
        glu: GLU
        swiglu: SwiGLU
        geglu: GEGLU
        softmax: Softmax
        log_softmax: LogSoftmax
        """
    ),
    # Shapes and arithmetic
    **_turned_round(
        """
        flatten: Flatten
        reshape: Reshape view reshape_as Unflatten ravel
        transpose: Transpose Permute permute swapaxes swapdims movedim moveaxis
        concat: Concat Concatenate concatenate cat
        split: Split chunk
        slice: Slice
        broadcast: Expand expand broadcast_to expand_as
        gather: Gather index_select take embedding_lookup
        one_hot: OneHot
        iota: Range arange
        cast: Cast
        pad: Pad
        select: Where where
        stop_gradient: detach StopGradient
        random_uniform: rand
        matmul: MatMul mm bmm
        pow: Pow power
        abs: Abs absolute
        neg: Neg negative
        mod: remainder
        floordiv: floor_divide
        div: true_divide divide
        mul: multiply
        sub: subtract
        equal: eq Equal
        not_equal: ne
        less: lt Less
        less_equal: le LessOrEqual
        greater: gt Greater
        greater_equal: ge GreaterOrEqual
        maximum: Maximum clamp_min
        minimum: Minimum clamp_max
        clip: Clip clamp clip_by_value
        sum: ReduceSum reduce_sum
        mean: ReduceMean reduce_mean
        prod: ReduceProd reduce_prod
        max: ReduceMax reduce_max amax
        min: ReduceMin reduce_min amin
        argmax: ArgMax
        argmin: ArgMin
        logsumexp: ReduceLogSumExp reduce_logsumexp LogSumExp
        norm: ReduceL2 vector_norm
        var: variance
        std: stddev
        l2_normalize: normalize UnitNormalization
        cosine_similarity: CosineSimilarity
        """
    ),
    # Losses and metrics
    **_turned_round(
        """
        mse: MSELoss MeanSquaredError mse_loss mean_squared_error
        mae: L1Loss MeanAbsoluteError l1_loss mean_absolute_error
        huber: HuberLoss Huber huber_loss
        hinge: Hinge
        cross_entropy: CrossEntropyLoss CategoricalCrossentropy
        cross_entropy: SparseCategoricalCrossentropy sparse_categorical_crossentropy
        cross_entropy: categorical_crossentropy
        cross_entropy: SoftmaxCrossEntropyLoss softmax_cross_entropy
        binary_cross_entropy: BCEWithLogitsLoss binary_cross_entropy_with_logits
        binary_cross_entropy: BinaryCrossentropy binary_crossentropy
        nll: NLLLoss nll_loss NegativeLogLikelihoodLoss
        kl_divergence: KLDivLoss KLDivergence kl_div
        triplet: TripletMarginLoss triplet_margin_loss
        dice: Dice DiceLoss
        accuracy: Accuracy CategoricalAccuracy SparseCategoricalAccuracy
        binary_accuracy: BinaryAccuracy
        top_k: TopKCategoricalAccuracy SparseTopKCategoricalAccuracy
        """
    ),
    # Optimizers, schedules, initialisers
    **_turned_round(
        """
        sgd: SGD
        adam: Adam
        adamw: AdamW
        cosine: CosineAnnealingLR CosineDecay
        glorot_uniform: xavier_uniform xavier_uniform_ GlorotUniform
        glorot_normal: xavier_normal xavier_normal_ GlorotNormal
        he_uniform: kaiming_uniform kaiming_uniform_ HeUniform
        he_normal: kaiming_normal kaiming_normal_ HeNormal
        lecun_uniform: LecunUniform
        lecun_normal: LecunNormal
        normal: RandomNormal normal_
        uniform: RandomUniform uniform_
        truncated_normal: TruncatedNormal trunc_normal trunc_normal_
        orthogonal: Orthogonal orthogonal_
        zeros: Zeros zeros_
        ones: Ones ones_
        """
    ),
    # Values and dtypes
    **_turned_round(
        """
        true: True
        false: False None
        f16: float16 half
        bf16: bfloat16
        f32: float32
        f64: float64 double
        i8: int8
        i16: int16 short
        i32: int32
        i64: int64 long
        u8: uint8 byte
        bool: boolean
        """
    ),
}
"""A layer, function, loss, optimizer or dtype by its name elsewhere."""

_ADDED = "write `a + b`"
_STANDS_ALONE = "names stand alone here: `Dense(10)`, `relu`"
_NEW_AXIS = "write `x[:, new]`: `new` is an axis of size 1 at its place"
_REPEATED = "write `concat([x] * n, axis = 0)`"
_REVERSED = "write `x[:, ::-1]`"

MODULES = (
    "nn", "F", "torch", "tf", "keras", "layers", "ops", "np", "numpy", "jnp", "optim",
    "jax", "math", "tensorflow", "torchvision", "onnx", "self",
)  # fmt: skip
"""Modules of other frameworks, before whose points a name may stand."""

WRITTEN: Mapping[str, str] = {
    "Add": _ADDED,
    "Sub": "write `a - b`",
    "Subtract": "write `a - b`",
    "Mul": "write `a * b`",
    "Multiply": "write `a * b`",
    "Div": "write `a / b`",
    "Mod": "write `a % b`",
    "Average": "write `(a + b) / 2`",
    "Dot": "write `sum(a * b, axis = -1)`, or `a @ b` of matrices",
    "dot": "write `sum(a * b, axis = -1)`, or `a @ b` of matrices",
    "outer": "write `a[:, new] * b[new, :]`",
    "logical_and": "write `a and b`",
    "logical_or": "write `a or b`",
    "logical_not": "write `not a`",
    "And": "write `a and b`",
    "Or": "write `a or b`",
    "Not": "write `not a`",
    "isnan": "write `x != x`",
    "isinf": "write `abs(x) == inf`",
    "square": "write `x ** 2`",
    "reciprocal": "write `1 / x`",
    "Reciprocal": "write `1 / x`",
    "log2": "write `log(x) / log(2)`",
    "log10": "write `log(x) / log(10)`",
    "Tanhshrink": "write `x - tanh(x)`",
    "Softmin": "write `softmax(-x)`",
    "softmin": "write `softmax(-x)`",
    "Softmax2d": "write `softmax(x, axis = 1)`",
    "masked_fill": "write `select(mask, value, x)`",
    "squeeze": "write `x[:, 0]`: an index takes its axis away",
    "Squeeze": "write `x[:, 0]`: an index takes its axis away",
    "unsqueeze": _NEW_AXIS,
    "Unsqueeze": _NEW_AXIS,
    "expand_dims": _NEW_AXIS,
    "newaxis": _NEW_AXIS,
    "flip": _REVERSED,
    "fliplr": _REVERSED,
    "tile": _REPEATED,
    "Tile": _REPEATED,
    "repeat": "write `concat([x] * n, axis = 0)` for the whole of it n times",
    "RepeatVector": "write `broadcast(x[:, new], [N, n, D])`",
    "hstack": "write `concat([a, b], axis = 1)`",
    "vstack": "write `concat([a, b], axis = 0)`",
    "unbind": "write `map(0..n, fn(i) = x[i])`",
    "unstack": "write `map(0..n, fn(i) = x[i])`",
    "moments": "write `mean(x, axis = 0)` and `var(x, axis = 0)`",
    "einsum": "say it by `transpose`, `reshape` and `@`",
    "PairwiseDistance": "write `norm(a - b)`",
    "pairwise_distance": "write `norm(a - b)`",
    "SmoothL1Loss": "write `huber(y, target, delta = beta) / beta`",
    "smooth_l1_loss": "write `huber(y, target, delta = beta) / beta`",
    "BCELoss": "`binary_cross_entropy` takes logits: leave the sigmoid out",
    "RootMeanSquaredError": "take `mse`: the root of a mean is no mean over batches",
    "Cropping1D": "write `x[:, :, 1:-1]`",
    "Cropping2D": "write `x[:, :, 1:-1, 1:-1]`",
    "Cropping3D": "write `x[:, :, 1:-1, 1:-1, 1:-1]`",
    "Rescaling": "write `scale * x + offset`",
    "Normalization": "write `standardize(x)` in `data`",
    "StandardScaler": "write `standardize(x)` in `data`",
    "Activation": "an activation is a stage of its own: `x -> Dense(10) -> relu`",
    "Lambda": "write the expression itself, or `fn name(x) = …`",
    "Identity": "leave it out: `x` is `x`",
    "Sequential": "write the layers as a pipeline: `x -> Dense(10) -> relu`",
    "ModuleList": "write a loop: `for i in 0..n { x = x -> Dense(10) }`",
    "Input": "write `input x: f32[N, 8]` in the model",
    "InputLayer": "write `input x: f32[N, 8]` in the model",
    "Parameter": "write `param weight: f32[8] = zeros()`",
    "Module": "write `block Name { input x: f32[N, 8]  output x }`",
    "Layer": "write `block Name { input x: f32[N, 8]  output x }`",
    "conv1d": "`x -> Conv(16, 3)` makes a layer, `conv(x, weight)` takes a weight",
    "conv2d": "`x -> Conv(16, 3)` makes a layer, `conv(x, weight)` takes a weight",
    "conv3d": "`x -> Conv(16, 3)` makes a layer, `conv(x, weight)` takes a weight",
    "linear": "`x -> Dense(10)` makes a layer, `x @ transpose(weight)` takes a weight",
    "range": "write `0..n`",
    "int": "`//` divides and rounds down: a whole number is one already",
    "float": "leave it out: whole numbers and others mix",
    "str": 'leave it out: a name takes numbers, `as "layer{i}"`',
    "zip": "write `for i, a in enumerate(list) { … }` and `other[i]`",
    "list": "a list is written `[a, b]`",
    "tuple": "a list is written `[a, b]`",
    "dict": "give each of the values a name of its own",
    "reversed": "write `items[::-1]`",
    "isinstance": "ask for `x.rank` or `x.dtype`",
    **dict.fromkeys(
        ("read_csv", "load_csv", "CSVDataset"), 'write `source = csv("data.csv")`'
    ),
    **dict.fromkeys(("DataLoader", "Dataset", "TensorDataset"), "declare it: `data`"),
    **dict.fromkeys(MODULES, _STANDS_ALONE),
}
"""What has a name elsewhere, and how it is written here."""

_CAST = "write `cast(x, f32)`"

ATTRIBUTES: Mapping[str, str] = {
    "T": "write `transpose(x)`",
    "mT": "write `transpose(x)`",
    "t": "write `transpose(x)`",
    "size": "its sizes are `x.shape`: write `x.shape[0]` for the first",
    "dim": "write `x.rank`",
    "ndim": "write `x.rank`",
    **dict.fromkeys(
        ("to", "type", "astype", "float", "long", "int", "half", "double", "bool"),
        _CAST,
    ),
    "contiguous": "leave it out: how `x` is stored is the target's affair",
    "clone": "leave it out: `x` never changes",
    "copy": "leave it out: `x` never changes",
    **dict.fromkeys(
        ("cuda", "cpu", "device"),
        "leave it out for `x`: a project's scripts choose the device",
    ),
}
"""What tensors have elsewhere, as attributes or methods of `x`, and have not here."""

MISSING = frozenset(
    """
    RNN RNNCell SimpleRNN SimpleRNNCell LSTM LSTMCell GRU GRUCell Bidirectional
    TimeDistributed ConvLSTM1D ConvLSTM2D ConvLSTM3D StackedRNNCells
    MultiheadAttention MultiHeadAttention Attention AdditiveAttention
    GroupQueryAttention scaled_dot_product_attention dot_product_attention Transformer
    TransformerEncoder TransformerEncoderLayer TransformerDecoder
    TransformerDecoderLayer
    Bilinear EinsumDense EmbeddingBag Masking SpectralNormalization spectral_norm
    weight_norm SyncBatchNorm LocalResponseNorm LRN
    Dropout1d Dropout2d Dropout3d SpatialDropout1D SpatialDropout2D SpatialDropout3D
    AlphaDropout FeatureAlphaDropout GaussianDropout GaussianNoise
    ActivityRegularization
    Unfold Fold unfold fold MaxUnpool1d MaxUnpool2d MaxUnpool3d FractionalMaxPool2d
    FractionalMaxPool3d LPPool1d LPPool2d LPPool3d LpPool GlobalLpPool
    CircularPad1d CircularPad2d CircularPad3d UpsamplingBilinear2d ChannelShuffle
    DepthToSpace SpaceToDepth depth_to_space space_to_depth grid_sample GridSample
    affine_grid RoiAlign
    AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d AdaptiveMaxPooling1D
    AdaptiveMaxPooling2D AdaptiveMaxPooling3D adaptive_max_pool
    RReLU Threshold ThresholdedRelu ThresholdedReLU Hardshrink hard_shrink Softshrink
    soft_shrink Hardmax sparsemax GumbelSoftmax gumbel_softmax
    AdaptiveLogSoftmaxWithLoss
    CTCLoss CTC ctc_loss PoissonNLLLoss GaussianNLLLoss MarginRankingLoss
    HingeEmbeddingLoss MultiLabelMarginLoss MultiLabelSoftMarginLoss SoftMarginLoss
    MultiMarginLoss CosineEmbeddingLoss TripletMarginWithDistanceLoss SquaredHinge
    CategoricalHinge LogCosh Poisson Tversky MeanAbsolutePercentageError
    MeanSquaredLogarithmicError BinaryFocalCrossentropy CategoricalFocalCrossentropy
    Precision Recall AUC F1Score FBetaScore MeanIoU BinaryIoU OneHotIoU R2Score
    RMSprop RMSProp Adagrad Adadelta Adamax NAdam Nadam RAdam LBFGS Lion
    Adafactor Ftrl ASGD Rprop SparseAdam Muon LAMB
    ConstantLR StepLR MultiStepLR ExponentialLR ExponentialDecay LinearLR PolynomialLR
    PolynomialDecay OneCycleLR CyclicLR ReduceLROnPlateau InverseTimeDecay
    CosineAnnealingWarmRestarts CosineDecayRestarts PiecewiseConstantDecay
    cumsum CumSum cumprod CumProd topk TopK sort argsort Sort unique Unique nonzero
    NonZero scatter Scatter ScatterElements ScatterND GatherND GatherElements
    take_along_axis take_along_dim index_add segment_sum searchsorted bincount
    roll repeat_interleave tril triu Trilu diag meshgrid linspace randn randint
    multinomial bernoulli Bernoulli RandomNormalLike trunc fmod nan_to_num median
    quantile kron cross cdist svd qr eigh inv Inverse det Det cholesky fft ifft rfft
    irfft stft STFT DFT If Loop Scan
    StringLookup IntegerLookup TextVectorization Discretization CategoryEncoding
    Hashing RandomFlip RandomRotation RandomCrop RandomZoom RandomTranslation
    RandomContrast RandomBrightness CenterCrop
    """.split()  # noqa: SIM905
)
"""What has a name elsewhere and no counterpart here: no other name is near it."""

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
    dtype: to
    prediction: input y_pred output
    target: y_true label labels
    logits: input y_pred
    lr: learning_rate
    beta1: beta_1
    beta2: beta_2
    std: stddev
    batch: batch_size
    epochs: num_epochs n_epochs max_epochs
    warmup: warmup_steps
    floor: eta_min
    """
)
"""An argument or setting by its name elsewhere: what it may be called here."""


def argument_here(name: str, known: Collection[str]) -> str | None:
    """The one of the known arguments or settings that a foreign name means."""
    return next((here for here in ARGUMENTS.get(name, ()) if here in known), None)


_FROM_INPUT = "leave it out: it is taken from the input"
_NAMED = "an instance is named by `as`: `x -> Dense(10) as head`"
_MEAN = "leave it out: a loss is the mean over the batch"

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
    "reduction": _MEAN,
    "size_average": _MEAN,
    "reduce": _MEAN,
    "from_logits": "leave it out: losses take logits",
    "BatchNorm.momentum": "`decay` multiplies the old statistics: it is Keras's"
    " momentum, and 1 less PyTorch's",
    "BatchNorm.track_running_stats": "leave it out: running statistics are kept",
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
