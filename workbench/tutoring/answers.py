"""Where answers to exercises are registered for the tests: `wrong` ones must be named, `right` ones must pass."""

WRONG, RIGHT = {}, []


def wrong(exercise, mistake):
    """Decorate an answer to an exercise, by its name, that makes the mistake of that name; one for each mistake."""

    def register(answer):
        if (exercise, mistake) in WRONG:
            raise ValueError(f"mistake is {mistake!r}; allowed: one answer for each mistake of {exercise!r}")
        WRONG[exercise, mistake] = answer
        return answer

    return register


def right(exercise):
    """Decorate another right answer to an exercise, by its name."""

    def register(answer):
        RIGHT.append((exercise, answer))
        return answer

    return register
