"""Names that PyTorch, Keras, ONNX and NumPy use for what is called otherwise here."""

from collections.abc import Mapping


def turned_round(table: str) -> dict[str, str]:
    """Names elsewhere to the name here, from lines `here: elsewhere elsewhere …`."""
    found: dict[str, str] = {}
    for line in table.strip().splitlines():
        here, _, names = line.partition(":")
        for name in names.split():
            found[name] = here.strip()
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
    **_for_axes("ChannelDropout", "Dropout?", "SpatialDropout?", "dropout?"),
    **turned_round(
        """
        Dense: Linear LazyLinear FullyConnected Gemm
        Conv: Convolution
        BatchNorm: BatchNormalization
        LayerNorm: LayerNormalization layer_norm
        GroupNorm: GroupNormalization group_norm
        InstanceNorm: InstanceNormalization instance_norm
        RMSNorm: RMSNormalization rms_norm
        local_response_norm: LocalResponseNorm LRN local_response_normalization
        Dropout: dropout
        DropPath: StochasticDepth stochastic_depth drop_path
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
    **_for_axes("adaptive_max_pool", "AdaptiveMaxPool?", "AdaptiveMaxPooling?"),
    **_for_axes("adaptive_max_pool", "adaptive_max_pool?"),
    **_for_axes("lp_pool", "LPPool?", "lp_pool?"),
    **_for_axes("resize", "UpSampling?"),
    **_for_axes("pad", "ZeroPadding?", "ZeroPad?", "ConstantPad?"),
    **_for_axes("reflect_pad", "ReflectionPad?"),
    **_for_axes("replicate_pad", "ReplicationPad?"),
    **turned_round(
        """
        max_pool: MaxPool
        avg_pool: AveragePool AvgPool average_pool
        global_max_pool: GlobalMaxPool
        global_avg_pool: GlobalAveragePool
        adaptive_avg_pool: adaptive_average_pool
        lp_pool: LpPool
        resize: Upsample Resize Resizing interpolate UpsamplingNearest2d
        pixel_shuffle: PixelShuffle
        pixel_unshuffle: PixelUnshuffle
        """
    ),
    # Activations
    **turned_round(
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
    **turned_round(
        """
        flatten: Flatten
        reshape: Reshape view reshape_as Unflatten ravel
        transpose: Transpose Permute permute swapaxes swapdims movedim moveaxis
        concat: Concat Concatenate concatenate cat
        split: Split chunk
        slice: Slice
        broadcast: Expand expand broadcast_to expand_as
        gather: Gather index_select take embedding_lookup
        take_along_axis: GatherElements take_along_dim
        scatter: Scatter ScatterElements put_along_axis
        cumsum: CumSum cumulative_sum
        cumprod: CumProd cumulative_prod
        sort: Sort
        topk: TopK
        einsum: Einsum
        rearrange: Rearrange
        tile: Tile
        repeat_interleave: RepeatInterleave
        flip: reverse
        unfold: Unfold extract_patches im2col
        tril: Trilu
        diag: diagonal
        eye: EyeLike
        one_hot: OneHot
        iota: Range arange
        cast: Cast
        pad: Pad
        select: Where where
        stop_gradient: detach StopGradient
        random_uniform: rand
        random_normal: randn RandomNormalLike
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
        tan: Tan
        asin: Asin arcsin
        acos: Acos arccos
        atan: Atan arctan
        atan2: arctan2
        sinh: Sinh
        cosh: Cosh
        asinh: Asinh arcsinh
        acosh: Acosh arccosh
        atanh: Atanh arctanh
        trunc: fix
        isnan: IsNaN is_nan
        isinf: IsInf is_inf
        isfinite: is_finite
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
    **turned_round(
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
        binary_cross_entropy: MultiLabelSoftMarginLoss
        focal: BinaryFocalCrossentropy sigmoid_focal_loss FocalLoss
        poisson: PoissonNLLLoss poisson_nll_loss Poisson
        log_cosh: LogCosh logcosh
        ctc: CTCLoss CTC ctc_loss
        nll: NLLLoss nll_loss NegativeLogLikelihoodLoss
        kl_divergence: KLDivLoss KLDivergence kl_div
        triplet: TripletMarginLoss triplet_margin_loss
        dice: Dice DiceLoss
        accuracy: Accuracy CategoricalAccuracy SparseCategoricalAccuracy
        binary_accuracy: BinaryAccuracy
        top_k: TopKCategoricalAccuracy SparseTopKCategoricalAccuracy
        precision: Precision precision_score
        recall: Recall recall_score
        f1: F1Score f1_score
        auc: AUC AUROC roc_auc_score
        confusion: ConfusionMatrix confusion_matrix
        iou: MeanIoU JaccardIndex jaccard_score
        rmse: RootMeanSquaredError root_mean_squared_error
        r2: R2Score r2_score
        perplexity: Perplexity
        """
    ),
    # Optimizers, schedules, initialisers
    **turned_round(
        """
        sgd: SGD
        adam: Adam
        adamw: AdamW
        nadam: NAdam Nadam
        adamax: Adamax
        rmsprop: RMSprop RMSProp
        adagrad: Adagrad
        adadelta: Adadelta
        lion: Lion
        lamb: LAMB Lamb
        adafactor: Adafactor
        muon: Muon
        linear_decay: LinearLR
        cosine: CosineAnnealingLR CosineDecay
        cosine_restarts: CosineAnnealingWarmRestarts CosineDecayRestarts
        step: StepLR
        multi_step: MultiStepLR
        piecewise: PiecewiseConstantDecay
        exponential: ExponentialLR ExponentialDecay
        polynomial: PolynomialLR PolynomialDecay
        one_cycle: OneCycleLR
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
    **turned_round(
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

QUALIFIED: Mapping[str, str] = {
    "torch.gather": "take_along_axis",
    "ops.top_k": "topk",
    "keras.ops.top_k": "topk",
    "tf.math.top_k": "topk",
    "tf.nn.top_k": "topk",
}
"""What has another meaning here, by its name in the module that has it elsewhere."""

_ADDED = "write `a + b`"
_STANDS_ALONE = "names stand alone here: `Dense(10)`, `relu`"
_NEW_AXIS = "write `x[:, new]`: `new` is an axis of size 1 at its place"
_FROZEN = "write `BatchNorm(freeze_stats = true)`"

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
    "logical_xor": "write `a != b`",
    "And": "write `a and b`",
    "Or": "write `a or b`",
    "Not": "write `not a`",
    "square": "write `x ** 2`",
    "frac": "write `x - trunc(x)`",
    "fmod": "write `x - trunc(x / y) * y`",
    "hypot": "write `sqrt(a ** 2 + b ** 2)`",
    "logaddexp": "write `logsumexp(stack([a, b]), axis = 0)`",
    "nan_to_num": "write `select(isnan(x), 0, x)`",
    "count_nonzero": "write `sum(cast(x != 0, i64))`",
    "trace": "write `sum(diag(x), axis = -1)`",
    "deg2rad": "write `x * pi / 180`",
    "rad2deg": "write `x * 180 / pi`",
    "reciprocal": "write `1 / x`",
    "Reciprocal": "write `1 / x`",
    "Tanhshrink": "write `x - tanh(x)`",
    "Softmin": "write `softmax(-x)`",
    "softmin": "write `softmax(-x)`",
    "Softmax2d": "write `softmax(x, axis = 1)`",
    "FrozenBatchNorm": _FROZEN,
    "FrozenBatchNorm2d": _FROZEN,
    "weight_norm": "write `Dense(8, reparametrize = WeightNorm)`",
    "WeightNormalization": "write `Dense(8, reparametrize = WeightNorm)`",
    "spectral_norm": "write `Dense(8, reparametrize = SpectralNorm)`",
    "SpectralNormalization": "write `Dense(8, reparametrize = SpectralNorm)`",
    "masked_fill": "write `select(mask, value, x)`",
    "squeeze": "write `x[:, 0]`: an index takes its axis away",
    "Squeeze": "write `x[:, 0]`: an index takes its axis away",
    "unsqueeze": _NEW_AXIS,
    "Unsqueeze": _NEW_AXIS,
    "expand_dims": _NEW_AXIS,
    "newaxis": _NEW_AXIS,
    "fliplr": "write `flip(x, axis = 1)`",
    "flipud": "write `flip(x, axis = 0)`",
    "repeat": "write `tile(x, [n, 1])` for the whole of it n times,"
    " `repeat_interleave(x, n)` for each element",
    "RepeatVector": "write `broadcast(x[:, new], [N, n, D])`",
    "hstack": "write `concat([a, b], axis = 1)`",
    "vstack": "write `concat([a, b], axis = 0)`",
    "unbind": "write `map(0..n, fn(i) = x[i])`",
    "unstack": "write `map(0..n, fn(i) = x[i])`",
    "moments": "write `mean(x, axis = 0)` and `var(x, axis = 0)`",
    "PairwiseDistance": "write `norm(a - b)`",
    "pairwise_distance": "write `norm(a - b)`",
    "SmoothL1Loss": "write `huber(y, target, delta = beta) / beta`",
    "smooth_l1_loss": "write `huber(y, target, delta = beta) / beta`",
    "CosineEmbeddingLoss": "write `cosine_distance(a, b)` for pairs that are alike",
    "SquaredHinge": "write `mean(relu(1 - y * target) ** 2)`",
    "SoftMarginLoss": "write `mean(softplus(-y * target))`",
    "MarginRankingLoss": "write `mean(relu(margin - target * (a - b)))`",
    "MeanAbsolutePercentageError": "write `mean(abs((y - target) / target))`",
    "MeanSquaredLogarithmicError": "write `mse(log1p(y), log1p(target))`",
    "BCELoss": "`binary_cross_entropy` takes logits: leave the sigmoid out",
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
    Bilinear EinsumDense EmbeddingBag Masking
    SyncBatchNorm
    FeatureAlphaDropout GaussianNoise
    ActivityRegularization
    Fold MaxUnpool1d MaxUnpool2d MaxUnpool3d FractionalMaxPool2d
    FractionalMaxPool3d GlobalLpPool
    CircularPad1d CircularPad2d CircularPad3d UpsamplingBilinear2d ChannelShuffle
    DepthToSpace SpaceToDepth depth_to_space space_to_depth grid_sample GridSample
    affine_grid RoiAlign
    RReLU Threshold ThresholdedRelu ThresholdedReLU Hardshrink hard_shrink Softshrink
    soft_shrink Hardmax sparsemax GumbelSoftmax gumbel_softmax
    AdaptiveLogSoftmaxWithLoss
    GaussianNLLLoss
    HingeEmbeddingLoss MultiLabelMarginLoss
    MultiMarginLoss TripletMarginWithDistanceLoss
    CategoricalHinge Tversky
    CategoricalFocalCrossentropy
    FBetaScore BinaryIoU OneHotIoU
    RAdam LBFGS Ftrl ASGD Rprop SparseAdam
    ConstantLR CyclicLR ReduceLROnPlateau InverseTimeDecay
    unique Unique nonzero NonZero ScatterND GatherND index_add segment_sum
    searchsorted bincount meshgrid randint multinomial bernoulli Bernoulli median
    quantile kron cdist svd qr eigh inv Inverse det Det cholesky fft ifft rfft irfft
    stft STFT DFT If Loop Scan
    StringLookup IntegerLookup TextVectorization Discretization CategoryEncoding
    Hashing RandomFlip RandomRotation RandomCrop RandomZoom RandomTranslation
    RandomContrast RandomBrightness CenterCrop
    """.split()  # noqa: SIM905
)
"""What has a name elsewhere and no counterpart here: no other name is near it."""
