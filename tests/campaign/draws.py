"""Random numbers and expressions as they stand in a device file: few digits, several shapes."""

import numpy as np

DIGITS = 4


def rounded(value):
    """A number with the digits that a person would type."""
    return float(f"{float(value):.{DIGITS}g}")


class Draw:
    """Draws from one generator; every method returns plain numbers, strings or lists."""

    def __init__(self, *seed):
        self.rng = np.random.default_rng(seed)

    def chance(self, share):
        """True in this share of all draws."""
        return bool(self.rng.random() < share)

    def one(self, choices):
        """One of the choices, all alike."""
        return choices[int(self.rng.integers(len(choices)))]

    def count(self, first, last):
        """A whole number, both ends included."""
        return int(self.rng.integers(first, last + 1))

    def between(self, low, high):
        """Uniform."""
        return rounded(self.rng.uniform(low, high))

    def scale(self, low, high):
        """Uniform in the logarithm."""
        return rounded(np.exp(self.rng.uniform(np.log(low), np.log(high))))

    def around_zero(self, size):
        """Of either sign, most of it small: Laplace's distribution, cut at three sizes."""
        return rounded(np.clip(self.rng.laplace(scale=size), -3 * size, 3 * size))

    def direction(self):
        """Along an axis, in a plane, or anywhere."""
        kind = self.one(["axis", "plane", "anywhere"])
        if kind == "axis":
            vector = np.eye(3)[self.count(0, 2)] * self.one([-1, 1])
        elif kind == "plane":
            angle = self.rng.uniform(0, 2 * np.pi)
            vector = np.roll([np.cos(angle), np.sin(angle), 0.0], self.count(0, 2))
        else:
            vector = self.rng.normal(size=3)
            vector = vector / np.linalg.norm(vector)
        return [rounded(v) for v in vector]

    def profile(self, size):
        """An expression of z of about this size: a slope, a wall, a wave, a bump."""
        middle, width = self.between(0.2, 0.8), self.between(0.08, 0.4)
        return self.one(
            [
                f"{size}*(0.4 + 0.6*z)",
                f"{size}*tanh((z - {middle})/{width})",
                f"{size}*cos({self.count(1, 3)}*pi*z)",
                f"{size}*exp(-((z - {middle})/{width})**2)",
            ]
        )

    def field(self, size):
        """An exchange field: uniform, a helix, a domain wall, or modulated in one direction."""
        kind = self.one(["uniform", "uniform", "uniform", "helix", "wall", "modulated"])
        if kind == "helix":
            turns = self.between(0.3, 3.0)
            return [f"{size}*cos({turns}*pi*z)", f"{size}*sin({turns}*pi*z)", rounded(0.3 * size)]
        if kind == "wall":
            wall = f"(z - {self.between(0.3, 0.7)})/{self.between(0.1, 0.3)}"
            return [f"{size}/cosh({wall})", 0, f"{size}*tanh({wall})"]
        direction = self.direction()
        if kind == "modulated":
            shape = self.profile(size)
            return [f"{d}*({shape})" if d else 0 for d in direction]
        return [rounded(size * d) for d in direction]
