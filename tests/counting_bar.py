"""A progress bar that only counts, for the tests of what reports to one."""


class CountingBar:
    def __init__(self, total):
        self.total, self.n, self.closed = total, 0, False

    def update(self, steps):
        self.n += steps

    def close(self):
        self.closed = True
