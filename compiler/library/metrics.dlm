"""Metrics: what is reported beside the loss, of the whole part that is measured. One without
`total` and `whole` is a mean over samples, which the mean of the batches' means is too."""

"""The share of samples whose largest logit, along an axis, is at the target.

    accuracy(f32[N, 10], i64[N] < 10)
    accuracy(f32[N, T, 3], i64[N, T] < 3)
    accuracy(f32[N, 3, H, W], i64[N, H, W] < 3, axis = 1)
"""
fn accuracy(logits, target, axis = -1) =
  mean(cast(argmax(logits, axis = axis) == labels_for(target, logits), f32))

fn labels_for(target, logits) = require(
  target,
  is_integer(target) and target.rank == logits.rank - 1,
  "labels are integers, with one axis less than the logits",
)

"""The share of samples with fewer than `k` logits, along the last axis, above the target's.

    top_k(f32[N, 10], i64[N] < 10, 3)
    top_k(f32[N, T, 5], i64[N, T] < 5, k = 2)
"""
fn top_k(logits, target, k) =
  mean(cast(count_above(logits, at_class(logits, target, keep = true)) < k, f32))

fn count_above(x, threshold) = sum(cast(x > threshold, i64), axis = -1)

"""The share of logits that are positive where the target is 1, and not where it is 0.

    binary_accuracy(f32[N], sigmoid(f32[N]))
    binary_accuracy(f32[N, 3], sigmoid(f32[N, 3]))
"""
fn binary_accuracy(logits, target) =
  mean(cast((same_shape(logits, target) > 0) == (target > 0.5), f32))

"""Precision: of all that is predicted to be of a class, the share that is; 0 where nothing is.

A target of the logits' shape says no or yes for each, as 0 or 1, and a positive logit is a yes;
precision is that of yes. Integer labels, with one axis less, are classes along `axis` of the
logits, without those to `ignore`; the precisions of the classes that occur in the predictions
or among the labels are then averaged as in scikit-learn: by their mean ("macro"), by that
weighted with the labels of each class ("weighted"), or over all predictions ("micro"). With
"none" there is a table of one row, with each class.

    precision(f32[N], cast(i64[N] < 2, f32))
    precision(f32[N, 3], i64[N, 3] < 2)
    precision(f32[N, 4], i64[N] < 4)
    precision(f32[N, 4], i64[N] < 3, average = "weighted")
    precision(f32[N, T, 4], i64[N, T] < 4, average = "micro")
    precision(f32[N, 4], i64[N] < 4, average = "none")
    precision(f32[N, 3, H, W], i64[N, H, W] < 4, axis = 1, ignore = 3)
"""
fn precision(logits, target, average = "macro", axis = -1, ignore = []) =
  if logits.rank == target.rank
  then share_of(
    total(sum(cast(logits > 0 and is_yes(target, logits), i64))), total(sum(cast(logits > 0, i64))),
  )
  else precision_of(confusion(logits, target, axis, ignore), average)

fn precision_of(counts, average) =
  averaged(hits(counts), sum(counts, axis = 0), sum(counts, axis = 1), occurring(counts), average)

"""Recall: of all that is of a class, the share that is predicted to be; 0 where nothing is.
Targets and averages are as in `precision`.

    recall(f32[N], cast(i64[N] < 2, f32))
    recall(f32[N, 3], i64[N, 3] < 2)
    recall(f32[N, 4], i64[N] < 4)
    recall(f32[N, 4], i64[N] < 3, average = "weighted")
    recall(f32[N, T, 4], i64[N, T] < 4, average = "micro")
    recall(f32[N, 3, H, W], i64[N, H, W] < 4, axis = 1, average = "none", ignore = 3)
"""
fn recall(logits, target, average = "macro", axis = -1, ignore = []) =
  if logits.rank == target.rank
  then share_of(
    total(sum(cast(logits > 0 and is_yes(target, logits), i64))),
    total(sum(cast(is_yes(target, logits), i64))),
  )
  else recall_of(confusion(logits, target, axis, ignore), average)

fn recall_of(counts, average) =
  averaged(hits(counts), sum(counts, axis = 1), sum(counts, axis = 1), occurring(counts), average)

"""F1 score (van Rijsbergen, 1979), the harmonic mean of precision and recall of each class; 0
where both are 0. Targets and averages are as in `precision`.

    f1(f32[N], cast(i64[N] < 2, f32))
    f1(f32[N, 3], i64[N, 3] < 2)
    f1(f32[N, 4], i64[N] < 4)
    f1(f32[N, 4], i64[N] < 3, average = "weighted")
    f1(f32[N, T, 4], i64[N, T] < 4, average = "micro")
    f1(f32[N, 3, H, W], i64[N, H, W] < 4, axis = 1, average = "none", ignore = 3)
"""
fn f1(logits, target, average = "macro", axis = -1, ignore = []) =
  if logits.rank == target.rank
  then f1_of_yes(
    total(sum(cast(logits > 0 and is_yes(target, logits), i64))),
    total(sum(cast(logits > 0, i64)) + sum(cast(is_yes(target, logits), i64))),
  )
  else f1_of(confusion(logits, target, axis, ignore), average)

fn f1_of_yes(hits, both) = share_of(2 * hits, both)

fn f1_of(counts, average) = averaged(
  2 * hits(counts),
  sum(counts, axis = 0) + sum(counts, axis = 1),
  sum(counts, axis = 1),
  occurring(counts),
  average,
)

"""Intersection over union (Jaccard, 1912) of each class, between where it is predicted and where
it is; the mean over the classes that occur in either, or with `average = "none"` a table of one
row, with each class. Classes are along `axis` of the logits, and labels to `ignore` do not count.

    iou(f32[N, 4], i64[N] < 4)
    iou(f32[N, 3, H, W], i64[N, H, W] < 3, axis = 1)
    iou(f32[N, 3, H, W], i64[N, H, W] < 4, axis = 1, ignore = [3], average = "none")
"""
fn iou(logits, target, axis = -1, ignore = [], average = "macro") =
  iou_of(confusion(logits, target, axis, ignore), average)

fn iou_of(counts, average) = averaged(
  hits(counts),
  sum(counts, axis = 0) + sum(counts, axis = 1) - hits(counts),
  sum(counts, axis = 1),
  occurring(counts),
  average,
)

"""Confusion matrix: how often a class is predicted for a class, a table with a row for each
label and a column for each prediction. Classes are along `axis` of the logits, and labels to
`ignore` do not count.

    confusion(f32[N, 3], i64[N] < 3)
    confusion(f32[N, T, 4], i32[N, T] < 4)
    confusion(f32[N, 3, H, W], i64[N, H, W] < 5, axis = 1, ignore = [3, 4])
"""
fn confusion(logits, target, axis = -1, ignore = []) = total(table(
  argmax(logits, axis = axis),
  as_i64(labels_for(target, logits)),
  logits.shape[axis],
  labels_in(ignore),
))

fn table(predicted, label, classes, ignore) =
  if ignore == []
  then table_of(classes * label + predicted, broadcast(cast(1, i64), label.shape), classes)
  else table_of_counted(classes * label + predicted, is_one_of(label, ignore), classes)

fn table_of_counted(cell, ignored, classes) =
  table_of(select(ignored, 0, cell), cast(not ignored, i64), classes)

fn table_of(cell, number, classes) = reshape(
  scatter_add(broadcast(cast(0, i64), [classes ** 2]), one_axis(cell), one_axis(number)),
  [classes, classes],
)

fn one_axis(x) = if x.rank == 1 then x else reshape(x, [-1])

fn as_i64(x) = if x.dtype == i64 then x else cast(x, i64)

fn is_yes(target, logits) = yes(require(
  target, target.shape == logits.shape, "a target of no and yes has the shape of the logits",
))

fn yes(target) = if target.dtype == bool then target
                 else if is_integer(target) then target == 1
                 else target > 0.5

fn share_of(numerator, denominator) = cast(numerator, f32) / cast(maximum(denominator, 1), f32)

fn hits(counts) = diag(counts)

fn occurring(counts) = sum(counts, axis = 0) + sum(counts, axis = 1) > 0

fn averaged(part, whole, labels, occurs, average) =
  if average == "micro" then share_of(sum(part), sum(whole))
  else if average == "macro" then mean_over(share_of(part, whole), sum(cast(occurs, i64)))
  else if average == "weighted" then sum(share_of(part, whole) * share_of(labels, sum(labels)))
  else require(
    share_of(part, whole), average == "none",
    "an average is \"macro\", \"weighted\", \"micro\" or \"none\"",
  )

fn mean_over(shares, classes) = sum(shares) / cast(maximum(classes, 1), f32)

"""Area under the ROC curve: how likely a sample of yes has a larger logit than one of no, where
equal logits count half (Hanley & McNeil, 1982). The target says no or yes for each logit, as 0
or 1. Exact, by the ranks of all samples; NaN where all are yes, or no.

    auc(f32[N], cast(i64[N] < 2, f32))
    auc(floor(f32[N, 1]), i64[N, 1] < 2)
"""
fn auc(logits, target) =
  area(whole(one_axis(logits)), whole(cast(one_axis(is_yes(target, logits)), i64)))

fn area(scores, labels) = area_by(scores, labels, argsort(scores))

fn area_by(scores, labels, order) = area_in_order(gather(scores, order), gather(labels, order))

fn area_in_order(scores, labels) = area_of_ties(
  labels,
  cumsum(concat([broadcast(cast(0, i64), [1]), cast(scores[1:] != scores[:-1], i64)], axis = 0)),
)

fn area_of_ties(labels, tie) =
  area_of_counts(scatter_add(0 * labels, tie, labels), scatter_add(0 * labels, tie, 1 - labels))

fn area_of_counts(ones, zeros) =
  cast(sum(ones * (2 * cumsum(zeros) - zeros)), f32)
  / (2 * cast(sum(ones), f32) * cast(sum(zeros), f32))

"""Perplexity (Jelinek et al., 1977): exp of the mean cross-entropy of all labels, without those
to `ignore`. Classes are along `axis` of the logits.

    perplexity(f32[N, T, 5], i64[N, T] < 5)
    perplexity(f32[N, 5, T], (i64[N, T] < 6) - 1, axis = 1, ignore = -1)
"""
fn perplexity(logits, target, axis = -1, ignore = []) = exp_of_mean(
  total(cross_entropy(
    logits, labels_for(target, logits), axis = axis, ignore = ignore, reduction = "sum",
  )),
  total(number_of_labels(target, labels_in(ignore))),
)

fn number_of_labels(target, ignore) =
  if ignore == [] then size_of(target) else sum(cast(not is_one_of(target, ignore), i64))

fn size_of(x) = cast(product(x.shape), i64)

fn exp_of_mean(losses, labels) = exp(losses / cast(maximum(labels, 1), losses.dtype))

"""Root mean squared error, over all numbers.

    rmse(f32[N, 3], f32[N, 3])
    rmse(f64[N], f64[N])
"""
fn rmse(prediction, target) =
  root_mean(total(sum((same_shape(prediction, target) - target) ** 2)), total(size_of(target)))

fn root_mean(squares, count) = sqrt(squares / cast(count, squares.dtype))

"""Coefficient of determination (R squared) of each column, its mean over the columns:
1 - sum(error ** 2) / sum((target - mean(target)) ** 2), over all samples. That of a column in
which all targets are equal is 1 if it has no error, and else 0.

    r2(f32[N], f32[N])
    r2(f32[N, 3], f32[N, 3])
"""
fn r2(prediction, target) = mean(determination(
  total(sum((same_shape(prediction, target) - target) ** 2, axis = 0)), spread_of(whole(target)),
))

fn spread_of(target) = sum((target - mean(target, axis = 0, keep = true)) ** 2, axis = 0)

fn determination(squares, spread) =
  select(spread > 0, 1 - squares / select(spread > 0, spread, 1), cast(squares == 0, squares.dtype))
