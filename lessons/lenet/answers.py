"""Answers to the exercises, as a learner would write them: wrong ones that must be named, right ones that must pass."""

import numpy as np

from workbench.tutoring.answers import right, wrong


def convolved(product, size=lambda n, m: n - m + 1, stride=1):
    """Two loops over the places; `product` is what is done with the pixels under the kernel."""

    def answer(x, W, b):
        m = len(W)
        y = np.zeros([len(range(0, size(n, m), stride)) for n in x.shape])
        for i, j in np.ndindex(y.shape):
            top, left = i * stride, j * stride
            y[i, j] = product(x[top : top + m, left : left + m], W, b)
        return y

    return answer


wrong("feature map", "kernel flipped")(convolved(lambda part, W, b: np.sum(part * np.flip(W)) + b))
wrong("feature map", "rows and columns of the kernel swapped")(convolved(lambda part, W, b: np.vdot(part.T, W) + b))
wrong("feature map", "bias left out")(convolved(lambda part, W, b: np.sum(part * W)))
wrong("feature map", "bias added for every weight")(convolved(lambda part, W, b: np.sum(part * W + b)))
wrong("feature map", "last row and column left out")(
    convolved(lambda part, W, b: np.sum(part * W) + b, size=lambda n, m: n - m)
)
wrong("feature map", "steps as long as the kernel")(
    lambda x, W, b: convolved(lambda part, W, b: np.sum(part * W) + b, stride=len(W))(x, W, b)
)
wrong("feature map", "matrix product for products")(convolved(lambda part, W, b: np.sum(part @ W) + b))
wrong("feature map", "mean for sum")(convolved(lambda part, W, b: np.mean(part * W) + b))


@wrong("feature map", "margin of zeros")
def _(x, W, b):
    h, w = x.shape
    m = len(W)
    padded = np.zeros((h + m - 1, w + m - 1))
    padded[m // 2 : m // 2 + h, m // 2 : m // 2 + w] = x
    return [[np.sum(padded[i : i + m, j : j + m] * W) + b for j in range(w)] for i in range(h)]


right("feature map")(convolved(lambda part, W, b: np.vdot(part, W) + b))


@right("feature map")
def kernel_entry_by_entry(x, W, b):
    (h, w), (m, _) = x.shape, W.shape
    y = np.full((h - m + 1, w - m + 1), b, np.float32)
    for p, q in np.ndindex(m, m):
        y += np.float32(W[p, q]) * x[p : p + h - m + 1, q : q + w - m + 1]
    return y


def pooled(pick):
    def answer(x):
        h, w = x.shape
        return [[pick(x[i : i + 2, j : j + 2]) for j in range(0, w, 2)] for i in range(0, h, 2)]

    return answer


wrong("max pooling", "mean of the square")(pooled(np.mean))
wrong("max pooling", "one number of each square")(pooled(lambda s: s[0, 0]))
wrong("max pooling", "upper row of each square only")(pooled(lambda s: max(s[0])))
wrong("max pooling", "largest absolute value")(pooled(lambda s: max(s.ravel(), key=abs)))
wrong("max pooling", "numbers below 0 lost")(pooled(lambda s: max(0.0, *s.ravel())))


@wrong("max pooling", "squares that overlap")
def _(x):
    h, w = x.shape
    return [[x[i : i + 2, j : j + 2].max() for j in range(w - 1)] for i in range(h - 1)]


@wrong("max pooling", "pairs in a row only")
def _(x):
    return x.reshape(x.shape[0], -1, 2).max(axis=2)


@wrong("max pooling", "squares cut out wrongly")
def _(x):
    h, w = x.shape
    return x.reshape(-1, 4).max(axis=1).reshape(h // 2, w // 2)


right("max pooling")(pooled(np.max))
right("max pooling")(lambda x: np.maximum.reduce([x[i::2, j::2] for i in (0, 1) for j in (0, 1)]).astype(np.float32))


def gone_back(share):
    """share(square, d): what each of the four numbers of a square gets."""

    def answer(x, dy):
        dx = np.zeros(x.shape)
        for i, j in np.ndindex(dy.shape):
            dx[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = share(x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2], dy[i, j])
        return dx

    return answer


wrong("way back of max pooling", "gradient to all four")(gone_back(lambda s, d: d))
wrong("way back of max pooling", "a quarter to each")(gone_back(lambda s, d: d / 4))
wrong("way back of max pooling", "always the same place")(gone_back(lambda s, d: [[d, 0], [0, 0]]))
wrong("way back of max pooling", "times the largest number")(gone_back(lambda s, d: s.max() * d * (s == s.max())))
wrong("way back of max pooling", "to the smallest number")(gone_back(lambda s, d: d * (s == s.min())))
wrong("way back of max pooling", "row and column of the place swapped")(gone_back(lambda s, d: d * (s == s.max()).T))
wrong("way back of max pooling", "1 in place of the gradient")(gone_back(lambda s, d: s == s.max()))
wrong("way back of max pooling", "largest number of the whole map")(
    lambda x, dy: np.where(x < x.max(), 0, dy.repeat(2, axis=0).repeat(2, axis=1))
)
wrong("way back of max pooling", "only where the map is positive")(gone_back(lambda s, d: d * (s == max(s.max(), 0.0))))
right("way back of max pooling")(gone_back(lambda s, d: d * (s >= s.max())))


@right("way back of max pooling")
def repeated(x, dy):
    largest = x.reshape(len(dy), 2, -1, 2).max(axis=(1, 3))
    return (x == np.kron(largest, np.ones((2, 2)))) * dy.repeat(2, axis=0).repeat(2, axis=1).astype(np.float32)


def color_counts(bias=1, first=3, second=20, inputs=50 * 6 * 6):
    counts = [20 * (first * 25 + bias), 50 * (second * 25 + bias), 500 * (inputs + bias), 10 * (500 + bias)]
    return np.array(counts)


wrong("lenet in color", "biases forgotten")(color_counts(bias=0))
wrong("lenet in color", "one channel in the first layer")(color_counts(first=1))
wrong("lenet in color", "one channel in the second layer")(color_counts(second=1))
wrong("lenet in color", "1250 as for 28 × 28")(color_counts(inputs=1250))
wrong("lenet in color", "same in both convolutions")(color_counts(inputs=50 * 8 * 8))
wrong("lenet in color", "second pooling forgotten")(color_counts(inputs=50 * 12 * 12))
right("lenet in color")(color_counts())
right("lenet in color")([1520.0, 25050.0, 900500.0, 5010.0])


@wrong("way back of max pooling", "dy laid out in tiles")
def _(x, dy):
    largest = np.max([x[::2, ::2], x[::2, 1::2], x[1::2, ::2], x[1::2, 1::2]], axis=0)
    return np.vstack([np.hstack([dy, dy])] * 2) * (x == np.kron(largest, np.ones((2, 2))))


@wrong("way back of max pooling", "largest number of each row")
def _(x, dy):
    return dy.repeat(2, axis=0).repeat(2, axis=1) * [[number == max(row) for number in row] for row in x]
