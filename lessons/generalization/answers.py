"""Answers to the exercises, as a learner would write them: wrong ones that must be named, right ones that must pass."""

import numpy as np

from workbench.tutoring.answers import right, wrong


def with_penalty(slope, penalized=lambda key: "W" in key):
    def answer(grads, params, lam):
        result = {}
        for key in grads:
            result[key] = grads[key].copy()
            if penalized(key):
                result[key] += slope(params[key], lam)
        return result

    return answer


wrong("weight decay", "biases decayed, too")(with_penalty(lambda W, lam: lam * W, lambda key: True))
wrong("weight decay", "½ of the penalty kept")(with_penalty(lambda W, lam: 0.5 * lam * W))
wrong("weight decay", "½ of the penalty forgotten")(with_penalty(lambda W, lam: 2 * lam * W))
wrong("weight decay", "weights pushed away from 0")(with_penalty(lambda W, lam: -lam * W))
wrong("weight decay", "penalty instead of its gradient")(with_penalty(lambda W, lam: lam * W * W / 2))
wrong("weight decay", "sign instead of the weight")(with_penalty(lambda W, lam: lam * (1.0 * (W > 0) - (W < 0))))
wrong("weight decay", "only the first layer")(with_penalty(lambda W, lam: lam * W, lambda key: key in ("W1", "b0")))


@wrong("weight decay", "gradient decayed instead of the weight")
def _(grads, params, lam):
    return {key: (1 + lam) * g if key.startswith("W") else g for key, g in grads.items()}


right("weight decay")(with_penalty(lambda W, lam: lam * W))


@right("weight decay")
def in_single_precision(grads, params, lam):
    decayed = {key: g.astype(np.float32) for key, g in grads.items()}
    for key in decayed:
        if params[key].ndim == 2:
            decayed[key] = decayed[key] + np.float32(lam) * params[key]
    return decayed


@wrong("early stopping", "last weights where patience is not used up")
def _(network, update, loss, updates, patience):
    losses, kept = [], []
    for _ in range(updates):
        update(network)
        losses.append(loss(network))
        kept.append({key: p.copy() for key, p in network.params.items()})
        best = losses.index(min(losses))
        if len(losses) - 1 - best == patience:
            return kept[best], len(losses)
    return network.params, len(losses)


@wrong("early stopping", "last weights kept")
def _(network, update, loss, updates, patience):
    lowest, waited, best = np.inf, 0, None
    for done in range(1, updates + 1):
        update(network)
        value = loss(network)
        if value < lowest:
            lowest, waited, best = value, 0, dict(network.params)
        else:
            waited += 1
            if waited == patience:
                return best, done
    return best, updates


def stop_by_history(stop, choose=np.argmin):
    """A learner's loop that keeps all losses: `stop(losses, patience)` after each, `choose(losses)` at the end."""

    def answer(network, update, loss, updates, patience):
        losses, weights = [], []
        while len(losses) < updates:
            update(network)
            losses.append(loss(network))
            weights.append({"w": np.copy(network.params["w"])})
            if stop(losses, patience):
                break
        return weights[choose(losses)], len(losses)

    return answer


def since_best(losses):
    return len(losses) - 1 - int(np.argmin(losses))


wrong("early stopping", "stop at the first rise")(stop_by_history(lambda losses, patience: since_best(losses) >= 1))
wrong("early stopping", "one measurement too patient")(
    stop_by_history(lambda losses, patience: since_best(losses) > patience)
)
wrong("early stopping", "one measurement too hasty")(
    stop_by_history(
        lambda losses, patience: since_best(losses) >= patience - 1 and (patience > 1 or since_best(losses))
    )
)
wrong("early stopping", "never stopped")(stop_by_history(lambda losses, patience: False))


@wrong("early stopping", "patience never renewed")
def _(network, update, loss, updates, patience):
    best, lowest, waited = None, 1e9, 0
    for done in range(1, updates + 1):
        update(network)
        if loss(network) < lowest:
            lowest = loss(network)
            best = {key: p.copy() for key, p in network.params.items()}
        else:
            waited += 1
        if waited >= patience:
            return best, done
    return best, updates


@wrong("early stopping", "compared with the measurement before")
def _(network, update, loss, updates, patience):
    best, before, waited = None, np.inf, 0
    for done in range(1, updates + 1):
        update(network)
        value = loss(network)
        if value < before:
            waited = 0
            best = {key: p.copy() for key, p in network.params.items()}
        else:
            waited += 1
        before = value
        if waited >= patience:
            return best, done
    return best, updates


@wrong("early stopping", "equal counted as better")
def _(network, update, loss, updates, patience):
    best, lowest, waited = None, np.inf, 0
    for done in range(1, updates + 1):
        update(network)
        if loss(network) <= lowest:
            best, lowest, waited = {"w": network.params["w"].copy()}, loss(network), 0
        else:
            waited += 1
        if waited >= patience:
            return best, done
    return best, updates


@wrong("early stopping", "highest loss kept")
def _(network, update, loss, updates, patience):
    best, highest, waited = None, -np.inf, 0
    for done in range(1, updates + 1):
        update(network)
        if loss(network) > highest:
            best, highest, waited = {"w": network.params["w"].copy()}, loss(network), 0
        else:
            waited += 1
        if waited >= patience:
            return best, done
    return best, updates


right("early stopping")(stop_by_history(lambda losses, patience: since_best(losses) >= patience))


@right("early stopping")
def with_the_number_of_the_best(network, update, loss, updates, patience):
    done = best_at = 0
    lowest, best = float("inf"), {}
    while done < updates and done - best_at < patience:
        update(network)
        done += 1
        value = loss(network)
        if value < lowest:
            lowest, best_at = value, done
            for key in network.params:
                best[key] = np.array(network.params[key], np.float32)
    return [best, done]


def units_left_out(mask, training_factor, prediction=lambda x, p: x):
    def answer(x, p, training, rng):
        if training:
            return x * mask(x, p, rng) * training_factor(p)
        return prediction(x, p)

    return answer


def keep(x, p, rng):
    return 1.0 * (rng.uniform(size=x.shape) > p)


def keep_p(x, p, rng):
    return rng.random(x.shape) < p


wrong("dropout", "kept units not scaled")(units_left_out(keep, lambda p: 1))
wrong("dropout", "scaled in prediction instead of in training")(
    units_left_out(keep, lambda p: 1, lambda x, p: x - p * x)
)
wrong("dropout", "scaled in training and in prediction")(
    units_left_out(keep, lambda p: 1 / (1 - p), lambda x, p: x * (1 - p))
)
wrong("dropout", "p taken for the share that is kept")(units_left_out(keep_p, lambda p: 1 / (1 - p)))
wrong("dropout", "p taken for the share that is kept, and for the factor")(units_left_out(keep_p, lambda p: 1 / p))
wrong("dropout", "divided by p")(units_left_out(keep, lambda p: 1 / p))
wrong("dropout", "multiplied by 1 − p in training")(units_left_out(keep, lambda p: 1 - p))
wrong("dropout", "the same units in every sample")(
    units_left_out(lambda x, p, rng: rng.random(x.shape[1]) >= p, lambda p: 1 / (1 - p))
)
wrong("dropout", "whole samples dropped")(
    lambda x, p, training, rng: x * (rng.random(len(x)) > p)[:, None] / (1 - p) if training else x
)
wrong("dropout", "nothing dropped")(lambda x, p, training, rng: x)


@wrong("dropout", "dropped in prediction, too")
def _(x, p, training, rng):
    y = x.copy()
    y[rng.random(x.shape) < p] = 0
    return y / (1 - p)


right("dropout")(units_left_out(keep, lambda p: 1 / (1 - p)))


@right("dropout")
def by_choice(x, p, training, rng):
    if not training:
        return x.astype(np.float32)
    return np.where(rng.choice([True, False], p=[p, 1 - p], size=x.shape), 0, x / np.float32(1 - p))


@wrong("early stopping", "number of the best update")
def _(network, update, loss, updates, patience):
    best, kept, bad, at = np.inf, None, 0, 0
    for k in range(1, updates + 1):
        update(network)
        now = loss(network)
        if now < best:
            best, bad, at = now, 0, k
            kept = {key: p.copy() for key, p in network.params.items()}
        else:
            bad += 1
        if bad == patience:
            break
    return kept, at


@wrong("early stopping", "measured before the update")
def _(network, update, loss, updates, patience):
    best, kept, bad, k = np.inf, None, 0, 0
    while k < updates:
        k += 1
        now = loss(network)
        if now < best:
            best, bad = now, 0
            kept = {key: p.copy() for key, p in network.params.items()}
        else:
            bad += 1
        if bad == patience:
            break
        update(network)
    return kept, k


@wrong("dropout", "normal numbers in place of uniform ones")
def _(x, p, training, rng):
    return np.where(rng.standard_normal(x.shape) < p, 0, x / (1 - p)) if training else x


@wrong("early stopping", "lowest loss in place of the number of updates")
def _(network, update, loss, updates, patience):
    losses, kept = [], []
    while len(losses) < updates and len(losses) - np.argmin([*losses, np.inf]) <= patience:
        update(network)
        losses.append(loss(network))
        kept.append({key: p.copy() for key, p in network.params.items()})
    return kept[np.argmin(losses)], min(losses)
