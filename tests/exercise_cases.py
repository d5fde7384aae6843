"""Where answers to exercises are registered: a `@wrong` one must be named, a `@right` one must pass."""

WRONG, RIGHT = {}, []


def wrong(exercise, mistake):
    def register(answer):
        assert (exercise, mistake) not in WRONG
        WRONG[exercise, mistake] = answer
        return answer

    return register


def right(exercise):
    def register(answer):
        RIGHT.append((exercise, answer))
        return answer

    return register
