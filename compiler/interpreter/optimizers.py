"""Training steps in NumPy: what an optimizer and its schedule do to weights."""

from collections.abc import Mapping

from dlmc.interpreter.run import run
from dlmc.ir.dimensions import Dim, substitute
from dlmc.ir.module import State
from dlmc.ir.program import Optimizer, Schedule, Update
from dlmc.primitives.arrays import Array, np, numpy_dtype


class OptimizerState:
    """An optimizer amid a training: what it remembers, and the steps it has taken.

    Args:
        optimizer: The update rule.
        schedule: What changes its learning rate, if something does.
        weights: The trained weights by full dotted name, in the layout of the program.
        steps: How many steps the whole training has.
        epoch: How many of them make an epoch.
        lr: The learning rate, if not the optimizer's own.
        precise: Compute in f64, on weights of f64.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedule: Schedule | None,
        weights: Mapping[str, Array],
        *,
        steps: int = 1,
        epoch: int = 1,
        lr: float | None = None,
        precise: bool = False,
    ) -> None:
        self.optimizer = optimizer
        self.schedule = schedule
        self.steps = steps
        self.epoch = epoch
        self.lr = optimizer.lr if lr is None else lr
        self.precise = precise
        self.taken = 0
        """How many steps were taken."""
        self.updates = {
            name: optimizer.update(weight.shape) for name, weight in weights.items()
        }
        self.states = {
            name: {
                state.name: self._start(state, self.updates[name], weight)
                for state in self.updates[name].module.states
            }
            for name, weight in weights.items()
        }

    @property
    def learning_rate(self) -> float:
        """The learning rate of the next step."""
        if self.schedule is None:
            return self.lr
        given = {
            "lr": self.lr,
            "step": self.taken,
            "steps": self.steps,
            "epoch": self.epoch,
        }
        arrays = {name: np.asarray(value, np.float64) for name, value in given.items()}
        (rate,) = run(self.schedule.module, arrays, {}).outputs.values()
        return float(rate)

    def step(
        self, weights: Mapping[str, Array], gradients: Mapping[str, Array]
    ) -> dict[str, Array]:
        """The weights after a step.

        Args:
            weights: Each weight by name.
            gradients: The gradient of each that has one; the others stay.

        Raises:
            InterpreterError: An array does not fit its type.
        """
        rate = np.asarray(self.learning_rate, np.float64)
        self.taken += 1
        changed = dict(weights)
        for name, gradient in gradients.items():
            update, weight = self.updates[name], weights[name]
            flat = update.rank is None
            given = {
                "weight": weight.ravel() if flat else weight,
                "grad": gradient.ravel() if flat else gradient,
                "step": np.asarray(self.taken, np.float64),
                "lr": rate,
            }
            result = run(
                update.module,
                given,
                self.states[name],
                training=True,
                precise=self.precise,
            )
            self.states[name] |= result.updates
            (new,) = result.outputs.values()
            changed[name] = new.reshape(weight.shape)
        return changed

    def _start(self, state: State, update: Update, weight: Array) -> Array:
        """What a state starts from."""
        sizes = update.sizes(weight.shape)
        shape = tuple(
            substitute(size, sizes.__getitem__) if isinstance(size, Dim) else size
            for size in state.type.shape
        )
        is_precise = self.precise and state.type.dtype.is_float
        dtype = np.float64 if is_precise else numpy_dtype(state.type.dtype)
        assert state.initializer.number is not None
        return np.full(shape, state.initializer.number, dtype)
