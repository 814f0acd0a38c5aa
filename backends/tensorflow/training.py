"""`train.py` in Keras 3 on TensorFlow."""

from typing import Any

from dlmc.backends.python import options
from dlmc.backends.python import tree as py
from dlmc.backends.python.framework import Framework
from dlmc.backends.python.measures import Measures, result_target, targets
from dlmc.backends.python.plan import Plan
from dlmc.backends.python.quotation import Quote
from dlmc.backends.python.schedule import schedule_function
from dlmc.backends.python.script import (
    code,
    function,
    indented,
    printed,
    render,
    script,
    source,
    words_in,
)
from dlmc.ir.types import DType, TensorType

quote = Quote()

SKELETON = "tensorflow/templates/train.py.jinja"
IMPORTS = {
    "argparse": py.Import("argparse"),
    "csv": py.Import("csv"),
    "math": py.Import("math"),
    "sys": py.Import("sys"),
    "time": py.Import("time"),
    "Callable": py.Import("collections.abc", "Callable"),
    "Path": py.Import("pathlib", "Path"),
    "keras": py.Import("keras"),
    "ops": py.Import("keras", "ops"),
    "np": py.Import("numpy", alias="np"),
    "tf": py.Import("tensorflow", alias="tf"),
    "tqdm": py.Import("tqdm", "tqdm"),
    "weights": py.Import("weights"),
}

INIT = '''
def __init__(
    self,
    model: {Model},
    optimizer: keras.optimizers.Optimizer,
    training: list[tf.Tensor],
    batch: int,
) -> None:
    self.model = model
    self.optimizer = optimizer
    self.training = training
    self.batch = batch
    optimizer.build(model.trainable_variables)
'''

STEPS = '''
@tf.function(input_signature=[tf.TensorSpec([None], tf.int64)])
def steps(self, order: tf.Tensor) -> tf.Tensor:
    """Take a step for each batch of these samples; the sum of their losses."""
    total = tf.zeros(())
    for start in tf.range(0, tf.size(order), self.batch):
        index = order[start : start + self.batch]
        {fields} = [tf.gather(field, index) for field in self.training]
        with tf.GradientTape() as tape:
            {outputs} = self.model({inputs}, {training})
            {loss}
        variables = self.model.trainable_variables
        {schedule_step}
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        total += loss * tf.cast(tf.size(index), tf.float32)
    return total
'''

EVALUATE = '''
@tf.function(input_signature=[FIELDS])
def evaluate(self, part: list[tf.Tensor]) -> tf.Tensor:
    size = tf.shape(part[0])[0]
    total = tf.zeros({count})
    for start in tf.range(0, size, self.batch):
        {fields} = [field[start : start + self.batch] for field in part]
        {outputs} = self.model({inputs}, {inference})
        {measures}
        count = tf.cast(tf.shape({first})[0], tf.float32)
        total += tf.stack({names}) * count
    return total / tf.cast(size, tf.float32)
'''
