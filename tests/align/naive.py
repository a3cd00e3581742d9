"""Every metric as its textbook writes it: one pair at a time, loops and whole matrices."""

import numpy as np
from scipy.stats import pearsonr, spearmanr


def squared(x):
    return np.array([[((a - b) ** 2).sum() for b in x] for a in x])


def rbf(x, bandwidth=None, sigma=None):
    d = squared(x)
    if sigma is None:
        sigma = bandwidth * np.median(np.sqrt(d[np.triu_indices(len(x), 1)]))
    return np.exp(-d / (2 * sigma**2))


def hsic_biased(k, m):
    h = np.eye(len(k)) - 1 / len(k)
    return np.trace(k @ h @ m @ h)


def hsic_unbiased(k, m):
    """Song et al. 2012, equation 5."""
    n, one = len(k), np.ones(len(k))
    k, m = k - np.diag(np.diag(k)), m - np.diag(np.diag(m))
    return (
        np.trace(k @ m)
        + (one @ k @ one) * (one @ m @ one) / ((n - 1) * (n - 2))
        - 2 / (n - 2) * (one @ k @ m @ one)
    ) / (n * (n - 3))


def cka(k, m, hsic):
    return hsic(k, m) / np.sqrt(hsic(k, k) * hsic(m, m))


def nearest(x, k):
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    lists = []
    for i in range(len(x)):
        others = [(-(unit[i] @ unit[j]), j) for j in range(len(x)) if j != i]
        lists.append([j for _, j in sorted(others)[:k]])
    return lists


def mutual_knn(x, y, k):
    pairs = zip(nearest(x, k), nearest(y, k), strict=True)
    return np.mean([len(set(a) & set(b)) / k for a, b in pairs])


def cycle_knn(x, y, k):
    there, back = nearest(y, k), nearest(x, k)
    return np.mean([any(i in back[j] for j in there[i]) for i in range(len(x))])


def cknna(x, y, k):
    n, masks, kernels = len(x), [], []
    for features in (x, y):
        mask = np.zeros((n, n))
        for i, row in enumerate(nearest(features, k)):
            mask[i, row] = 1
        unit = features / np.linalg.norm(features, axis=1, keepdims=True)
        masks.append(mask)
        kernels.append(unit @ unit.T)

    def local(one, other):
        mask = masks[one] * masks[other]
        return hsic_unbiased(mask * kernels[one], mask * kernels[other])

    return local(0, 1) / np.sqrt(local(0, 0) * local(1, 1))


def lcs(a, b):
    if not a or not b:
        return 0
    if a[-1] == b[-1]:
        return 1 + lcs(a[:-1], b[:-1])
    return max(lcs(a[:-1], b), lcs(a, b[:-1]))


def edit(a, b):
    if not a or not b:
        return len(a) + len(b)
    return min(edit(a[:-1], b) + 1, edit(a, b[:-1]) + 1, edit(a[:-1], b[:-1]) + (a[-1] != b[-1]))


def lcs_knn(x, y, k):
    return np.mean([lcs(a, b) / k for a, b in zip(nearest(x, k), nearest(y, k), strict=True)])


def edit_knn(x, y, k):
    return np.mean([1 - edit(a, b) / k for a, b in zip(nearest(x, k), nearest(y, k), strict=True)])


def svcca(x, y):
    """Canonical correlations of ten principal components: roots of Sxx⁻¹ Sxy Syy⁻¹ Syx."""
    scores = []
    for features in (x, y):
        centred = features - features.mean(axis=0)
        _, _, axes = np.linalg.svd(centred, full_matrices=False)
        scores.append(centred @ axes[:10].T)
    a, b = scores
    roots = np.linalg.eigvals(np.linalg.solve(a.T @ a, a.T @ b) @ np.linalg.solve(b.T @ b, b.T @ a))
    return np.sqrt(np.sort(np.abs(roots))[::-1][: min(a.shape[1], b.shape[1])]).mean()


def rdm(x, distance):
    measures = {
        "correlation": lambda a, b: 1 - np.corrcoef(a, b)[0, 1],
        "euclidean": lambda a, b: np.linalg.norm(a - b),
        "cosine": lambda a, b: 1 - a @ b / (np.linalg.norm(a) * np.linalg.norm(b)),
    }
    n = len(x)
    return np.array([measures[distance](x[i], x[j]) for i in range(n) for j in range(i + 1, n)])


def rsa(x, y, comparison, distance="correlation"):
    a, b = rdm(x, distance), rdm(y, distance)
    if comparison == "cosine":
        return a @ b / (np.linalg.norm(a) * np.linalg.norm(b))
    return (pearsonr if comparison == "pearson" else spearmanr)(a, b).statistic


METRICS = {
    "cka_linear": lambda x, y: cka(x @ x.T, y @ y.T, hsic_unbiased),
    "cka_linear_biased": lambda x, y: cka(x @ x.T, y @ y.T, hsic_biased),
    "cka_rbf_0.3": lambda x, y: cka(rbf(x, 0.3), rbf(y, 0.3), hsic_unbiased),
    "cka_rbf_1": lambda x, y: cka(rbf(x, 1), rbf(y, 1), hsic_unbiased),
    "cka_rbf_8": lambda x, y: cka(rbf(x, 8), rbf(y, 8), hsic_unbiased),
    "cka_rbf_0.5_biased": lambda x, y: cka(rbf(x, 0.5), rbf(y, 0.5), hsic_biased),
    "cka_rbf_2_biased": lambda x, y: cka(rbf(x, 2), rbf(y, 2), hsic_biased),
    "cka_rbf_sigma_9_biased": lambda x, y: cka(rbf(x, sigma=9), rbf(y, sigma=9), hsic_biased),
    "cknna_2": lambda x, y: cknna(x, y, 2),
    "cknna_6": lambda x, y: cknna(x, y, 6),
    "mutual_knn_1": lambda x, y: mutual_knn(x, y, 1),
    "mutual_knn_6": lambda x, y: mutual_knn(x, y, 6),
    "cycle_knn_1": lambda x, y: cycle_knn(x, y, 1),
    "cycle_knn_6": lambda x, y: cycle_knn(x, y, 6),
    "lcs_knn_5": lambda x, y: lcs_knn(x, y, 5),
    "edit_knn_5": lambda x, y: edit_knn(x, y, 5),
    "svcca": svcca,
    "rsa_pearson": lambda x, y: rsa(x, y, "pearson"),
    "rsa_spearman": lambda x, y: rsa(x, y, "spearman"),
    "rsa_cosine": lambda x, y: rsa(x, y, "cosine"),
    "rsa_spearman_euclidean": lambda x, y: rsa(x, y, "spearman", "euclidean"),
    "rsa_pearson_cosine": lambda x, y: rsa(x, y, "pearson", "cosine"),
}
