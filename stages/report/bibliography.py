"""What a report cites: entries of BibTeX, and which recordings and methods they stand for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Recorded:
    """Where a public recording comes from.

    Attributes
    ----------
    cited : tuple of str
        Keys of `ENTRIES`.
    licence : str
        As its source states it.
    """

    cited: tuple[str, ...]
    licence: str


SIMULATED = Recorded((), "made here: nobody was measured")
UNSTATED = "none is stated: for development only"
SEE_SOURCE = "see its source"
RECORDINGS: Mapping[str, Recorded] = {
    "simulated": SIMULATED,
    "nsd-simulated": SIMULATED,
    "pereira2018-simulated": SIMULATED,
    "futrell2018-simulated": SIMULATED,
    "wehbe": Recorded(("wehbe2014",), SEE_SOURCE),
    "alice": Recorded(("brennan2016",), "CC BY 4.0"),
    "naturalstories": Recorded(("futrell2021",), "CC BY-NC-SA 4.0"),
    "sherlock2017": Recorded(("chen2017",), UNSTATED),
    "sherlock2017-scenes": Recorded(("chen2017",), UNSTATED),
    "ucl2013": Recorded(("frank2013",), UNSTATED),
    "nsd": Recorded(("allen2022",), "by agreement with its authors"),
    "kriegeskorte2008": Recorded(("kriegeskorte2008neuron",), SEE_SOURCE),
    "v4_cowley2023": Recorded(("cowley2023",), "GPL-3, that of its repository"),
    "pereira2018-243": Recorded(("pereira2018",), SEE_SOURCE),
    "pereira2018-384": Recorded(("pereira2018",), SEE_SOURCE),
    "fedorenko2016": Recorded(("fedorenko2016",), SEE_SOURCE),
    "blank2014": Recorded(("blank2014",), SEE_SOURCE),
    "futrell2018": Recorded(("futrell2021",), SEE_SOURCE),
}
OWN = Recorded((), "your own")

# By key: how it is cited in the text, and the fields of its entry.
_ENTRIES: Mapping[str, tuple[str, str, str]] = {
    "wehbe2014": (
        "Wehbe et al. 2014",
        "article",
        "author = {Wehbe, Leila and Murphy, Brian and Talukdar, Partha and Fyshe, Alona and "
        "Ramdas, Aaditya and Mitchell, Tom}, title = {Simultaneously uncovering the patterns of "
        "brain regions involved in different story reading subprocesses}, journal = {PLoS ONE}, "
        "volume = {9}, number = {11}, pages = {e112575}, year = {2014}, "
        "doi = {10.1371/journal.pone.0112575}",
    ),
    "brennan2016": (
        "Brennan et al. 2016",
        "article",
        "author = {Brennan, Jonathan R. and Stabler, Edward P. and Van Wagenen, Sarah E. and "
        "Luh, Wen-Ming and Hale, John T.}, title = {Abstract linguistic structure correlates with "
        "temporal activity during naturalistic comprehension}, journal = {Brain and Language}, "
        "volume = {157--158}, pages = {81--94}, year = {2016}, "
        "doi = {10.1016/j.bandl.2016.04.008}",
    ),
    "futrell2021": (
        "Futrell et al. 2021",
        "article",
        "author = {Futrell, Richard and Gibson, Edward and Tily, Harry J. and Blank, Idan and "
        "Vishnevetsky, Anastasia and Piantadosi, Steven T. and Fedorenko, Evelina}, "
        "title = {The {Natural Stories} corpus: a reading-time corpus of {English} texts "
        "containing rare syntactic constructions}, journal = {Language Resources and Evaluation}, "
        "volume = {55}, pages = {63--77}, year = {2021}, doi = {10.1007/s10579-020-09503-7}",
    ),
    "chen2017": (
        "Chen et al. 2017",
        "article",
        "author = {Chen, Janice and Leong, Yuan Chang and Honey, Christopher J. and Yong, Chung "
        "H. and Norman, Kenneth A. and Hasson, Uri}, title = {Shared memories reveal shared "
        "structure in neural activity across individuals}, journal = {Nature Neuroscience}, "
        "volume = {20}, pages = {115--125}, year = {2017}, doi = {10.1038/nn.4450}",
    ),
    "frank2013": (
        "Frank et al. 2013",
        "article",
        "author = {Frank, Stefan L. and Fernandez Monsalve, Irene and Thompson, Robin L. and "
        "Vigliocco, Gabriella}, title = {Reading time data for evaluating broad-coverage models "
        "of {English} sentence processing}, journal = {Behavior Research Methods}, "
        "volume = {45}, pages = {1182--1190}, year = {2013}, doi = {10.3758/s13428-012-0313-y}",
    ),
    "allen2022": (
        "Allen et al. 2022",
        "article",
        "author = {Allen, Emily J. and St-Yves, Ghislain and Wu, Yihan and Breedlove, Jesse L. and "
        "Prince, Jacob S. and Dowdle, Logan T. and Nau, Matthias and Caron, Brad and "
        "Pestilli, Franco and Charest, Ian and Hutchinson, J. Benjamin and Naselaris, Thomas and "
        "Kay, Kendrick}, title = {A massive {7T} {fMRI} dataset to bridge cognitive "
        "neuroscience and artificial intelligence}, journal = {Nature Neuroscience}, "
        "volume = {25}, pages = {116--126}, year = {2022}, doi = {10.1038/s41593-021-00962-x}",
    ),
    "kriegeskorte2008neuron": (
        "Kriegeskorte et al. 2008a",
        "article",
        "author = {Kriegeskorte, Nikolaus and Mur, Marieke and Ruff, Douglas A. and Kiani, "
        "Roozbeh and Bodurka, Jerzy and Esteky, Hossein and Tanaka, Keiji and Bandettini, Peter "
        "A.}, title = {Matching categorical object representations in inferior temporal cortex of "
        "man and monkey}, journal = {Neuron}, volume = {60}, pages = {1126--1141}, year = {2008}, "
        "doi = {10.1016/j.neuron.2008.10.043}",
    ),
    "cowley2023": (
        "Cowley et al. 2023",
        "article",
        "author = {Cowley, Benjamin R. and Stan, Patricia L. and Pillow, Jonathan W. and Smith, "
        "Matthew A.}, title = {Compact deep neural network models of visual cortex}, "
        "journal = {bioRxiv}, year = {2023}, doi = {10.1101/2023.11.22.568315}",
    ),
    "pereira2018": (
        "Pereira et al. 2018",
        "article",
        "author = {Pereira, Francisco and Lou, Bin and Pritchett, Brianna and Ritter, Samuel and "
        "Gershman, Samuel J. and Kanwisher, Nancy and Botvinick, Matthew and Fedorenko, Evelina}, "
        "title = {Toward a universal decoder of linguistic meaning from brain activation}, "
        "journal = {Nature Communications}, volume = {9}, pages = {963}, year = {2018}, doi = "
        "{10.1038/s41467-018-03068-4}",
    ),
    "fedorenko2016": (
        "Fedorenko et al. 2016",
        "article",
        "author = {Fedorenko, Evelina and Scott, Terri L. and Brunner, Peter and Coon, William G. "
        "and Pritchett, Brianna and Schalk, Gerwin and Kanwisher, Nancy}, title = {Neural "
        "correlate of the construction of sentence meaning}, journal = {Proceedings of the "
        "National Academy of Sciences}, volume = {113}, pages = {E6256--E6262}, year = {2016}, "
        "doi = {10.1073/pnas.1612132113}",
    ),
    "blank2014": (
        "Blank et al. 2014",
        "article",
        "author = {Blank, Idan and Kanwisher, Nancy and Fedorenko, Evelina}, title = {A functional "
        "dissociation between language and multiple-demand systems revealed in patterns of {BOLD} "
        "signal fluctuations}, journal = {Journal of Neurophysiology}, volume = {112}, "
        "pages = {1105--1118}, year = {2014}, doi = {10.1152/jn.00884.2013}",
    ),
    "mcinnes2018": (
        "McInnes et al. 2018",
        "article",
        "author = {McInnes, Leland and Healy, John and Saul, Nathaniel and Grossberger, Lukas}, "
        "title = {{UMAP}: Uniform manifold approximation and projection}, journal = {Journal of "
        "Open Source Software}, volume = {3}, number = {29}, pages = {861}, year = {2018}",
    ),
    "williams2021": (
        "Williams et al. 2021",
        "inproceedings",
        "author = {Williams, Alex H. and Kunz, Erin and Kornblith, Simon and Linderman, Scott W.}, "
        "title = {Generalized shape metrics on neural representations}, booktitle = {Advances in "
        "Neural Information Processing Systems}, volume = {34}, pages = {4738--4750}, "
        "year = {2021}",
    ),
    "kornblith2019": (
        "Kornblith et al. 2019",
        "inproceedings",
        "author = {Kornblith, Simon and Norouzi, Mohammad and Lee, Honglak and Hinton, Geoffrey}, "
        "title = {Similarity of neural network representations revisited}, booktitle = "
        "{Proceedings of the 36th International Conference on Machine Learning}, "
        "series = {PMLR}, volume = {97}, pages = {3519--3529}, year = {2019}",
    ),
    "song2012": (
        "Song et al. 2012",
        "article",
        "author = {Song, Le and Smola, Alex and Gretton, Arthur and Bedo, Justin and "
        "Borgwardt, Karsten}, title = {Feature selection via dependence maximization}, "
        "journal = {Journal of Machine Learning Research}, volume = {13}, "
        "pages = {1393--1434}, year = {2012}",
    ),
    "huh2024": (
        "Huh et al. 2024",
        "inproceedings",
        "author = {Huh, Minyoung and Cheung, Brian and Wang, Tongzhou and Isola, Phillip}, title "
        "= {Position: the {Platonic} representation hypothesis}, booktitle = {Proceedings of the "
        "41st International Conference on Machine Learning}, series = {PMLR}, volume = {235}, "
        "pages = {20617--20642}, year = {2024}",
    ),
    "raghu2017": (
        "Raghu et al. 2017",
        "inproceedings",
        "author = {Raghu, Maithra and Gilmer, Justin and Yosinski, Jason and "
        "Sohl-Dickstein, Jascha}, title = {{SVCCA}: singular vector canonical correlation analysis "
        "for deep learning dynamics and interpretability}, booktitle = {Advances in Neural "
        "Information Processing Systems 30}, year = {2017}",
    ),
    "kriegeskorte2008": (
        "Kriegeskorte et al. 2008b",
        "article",
        "author = {Kriegeskorte, Nikolaus and Mur, Marieke and Bandettini, Peter}, "
        "title = {Representational similarity analysis -- connecting the branches of systems "
        "neuroscience}, journal = {Frontiers in Systems Neuroscience}, volume = {2}, "
        "pages = {4}, year = {2008}, doi = {10.3389/neuro.06.004.2008}",
    ),
    "hoyos2018": (
        "Hoyos-Idrobo et al. 2018",
        "article",
        "author = {Hoyos-Idrobo, Andr{\\'e}s and Varoquaux, Ga{\\\"e}l and Schwartz, Yannick and "
        "Thirion, Bertrand}, title = {{FReM} -- scalable and stable decoding with fast regularized "
        "ensemble of models}, journal = {NeuroImage}, volume = {180}, pages = {160--172}, "
        "year = {2018}, doi = {10.1016/j.neuroimage.2017.10.005}",
    ),
    "benjamini1995": (
        "Benjamini & Hochberg 1995",
        "article",
        "author = {Benjamini, Yoav and Hochberg, Yosef}, title = {Controlling the false discovery "
        "rate: a practical and powerful approach to multiple testing}, journal = {Journal of the "
        "Royal Statistical Society, Series B}, volume = {57}, pages = {289--300}, year = {1995}, "
        "doi = {10.1111/j.2517-6161.1995.tb02031.x}",
    ),
    "glasser2016": (
        "Glasser et al. 2016",
        "article",
        "author = {Glasser, Matthew F. and others}, title = {A multi-modal parcellation of human "
        "cerebral cortex}, journal = {Nature}, volume = {536}, pages = {171--178}, "
        "year = {2016}, doi = {10.1038/nature18933}",
    ),
    "fonov2011": (
        "Fonov et al. 2011",
        "article",
        "author = {Fonov, Vladimir and Evans, Alan C. and Botteron, Kelly and Almli, C. Robert and "
        "McKinstry, Robert C. and Collins, D. Louis}, title = {Unbiased average age-appropriate "
        "atlases for pediatric studies}, journal = {NeuroImage}, volume = {54}, number = {1}, "
        "pages = {313--327}, year = {2011}, doi = {10.1016/j.neuroimage.2010.07.033}",
    ),
    "ince2021": (
        "Ince et al. 2021",
        "article",
        "author = {Ince, Robin A. A. and Paton, Angus T. and Kay, Jim W. and "
        "Schyns, Philippe G.}, title = {Bayesian inference of population prevalence}, "
        "journal = {eLife}, volume = {10}, pages = {e62461}, year = {2021}, "
        "doi = {10.7554/eLife.62461}",
    ),
    "abraham2014": (
        "Abraham et al. 2014",
        "article",
        "author = {Abraham, Alexandre and Pedregosa, Fabian and Eickenberg, Michael and "
        "Gervais, Philippe and Mueller, Andreas and Kossaifi, Jean and Gramfort, Alexandre and "
        "Thirion, Bertrand and Varoquaux, Gael}, title = {Machine learning for neuroimaging with "
        "scikit-learn}, journal = {Frontiers in Neuroinformatics}, volume = {8}, pages = {14}, "
        "year = {2014}, doi = {10.3389/fninf.2014.00014}",
    ),
    "biderman2023": (
        "Biderman et al. 2023",
        "inproceedings",
        "author = {Biderman, Stella and Schoelkopf, Hailey and others}, title = {{Pythia}: a suite "
        "for analyzing large language models across training and scaling}, booktitle = "
        "{Proceedings of the 40th International Conference on Machine Learning}, "
        "series = {PMLR}, volume = {202}, pages = {2397--2430}, year = {2023}",
    ),
    "tan2019": (
        "Tan & Le 2019",
        "inproceedings",
        "author = {Tan, Mingxing and Le, Quoc V.}, title = {{MixConv}: mixed depthwise "
        "convolutional kernels}, booktitle = {British Machine Vision Conference}, year = {2019}",
    ),
    "wolf2020": (
        "Wolf et al. 2020",
        "inproceedings",
        "author = {Wolf, Thomas and others}, title = {Transformers: state-of-the-art natural "
        "language processing}, booktitle = {Proceedings of the 2020 Conference on Empirical "
        "Methods in Natural Language Processing: System Demonstrations}, pages = {38--45}, "
        "year = {2020}, doi = {10.18653/v1/2020.emnlp-demos.6}",
    ),
    "reimers2019": (
        "Reimers & Gurevych 2019",
        "inproceedings",
        "author = {Reimers, Nils and Gurevych, Iryna}, title = {Sentence-{BERT}: sentence "
        "embeddings using {Siamese} {BERT}-networks}, booktitle = {Proceedings of the 2019 "
        "Conference on Empirical Methods in Natural Language Processing and the 9th International "
        "Joint Conference on Natural Language Processing}, pages = {3982--3992}, year = {2019}, "
        "doi = {10.18653/v1/D19-1410}",
    ),
}


def in_text(*keys: str) -> str:
    """Cite entries within a sentence."""
    return f"({'; '.join(_ENTRIES[key][0] for key in keys)})"


def bibtex(keys: Iterable[str]) -> str:
    """Write entries of BibTeX, each once, in the order of their keys."""
    made = []
    for key in sorted(set(keys)):
        _, kind, fields = _ENTRIES[key]
        lines = fields.replace("}, ", "},\n  ")
        made.append(f"@{kind}{{{key},\n  {lines}\n}}")
    return "\n\n".join(made)
