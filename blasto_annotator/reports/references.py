"""What a report cites, in full, with the formula: so that a reviewer can check every figure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """A work, and what is taken from it."""

    short: str
    """As figures cite it."""
    full: str
    formula: str


REFERENCES = (
    Reference(
        "Wilson 1927",
        "Wilson EB. Probable inference, the law of succession, and statistical inference. J Am Stat Assoc "
        "1927; 22:209–212.",
        "(p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)",
    ),
    Reference(
        "Newcombe 1998",
        "Newcombe RG. Interval estimation for the difference between independent proportions: comparison of "
        "eleven methods. Stat Med 1998; 17:873–890.",
        "p₁ − p₂, from −√((p₁ − l₁)² + (u₂ − p₂)²) to +√((u₁ − p₁)² + (p₂ − l₂)²); l and u are Wilson’s",
    ),
    Reference(
        "Owen 2007",
        "Owen AB. The pigeonhole bootstrap. Ann Appl Stat 2007; 1:386–411.",
        "readers and images drawn with replacement, every crossing taken; 2000 samples, percentiles; the "
        "wider of this interval and the closed one is told",
    ),
    Reference(
        "Gallas et al. 2009",
        "Gallas BD, Bandos A, Samuelson FW, Wagner RF. A framework for random-effects ROC analysis. Commun "
        "Stat Theory Methods 2009; 38:2586–2603.",
        "the same for readers and cases",
    ),
    Reference(
        "Field and Welsh 2007",
        "Field CA, Welsh AH. Bootstrapping clustered data. J R Stat Soc B 2007; 69:369–390.",
        "embryos drawn with replacement, each with all of its frames; 2000 samples, percentiles; the wider "
        "of this interval and the closed one is told",
    ),
    Reference(
        "Green and Swets 1966",
        "Green DM, Swets JA. Signal detection theory and psychophysics. Wiley, 1966.",
        "d′ = z(H) − z(F); H: generated images called generated, F: real ones",
    ),
    Reference(
        "Hautus 1995",
        "Hautus MJ. Corrections for extreme proportions and their biasing effects on estimated values of d′. "
        "Behav Res Methods Instrum Comput 1995; 27:46–51.",
        "k of n counts as (k + n/N) of (n + 2n/N); N: images of both kinds",
    ),
    Reference(
        "Gourevitch and Galanter 1967",
        "Gourevitch V, Galanter E. A significance test for one parameter isosensitivity functions. "
        "Psychometrika 1967; 32:25–33.",
        "var d′ = Σ p(1 − p) / (n φ(z(p))²) over H and F; d′ ± 1.96 √var",
    ),
    Reference(
        "Macmillan and Creelman 2005",
        "Macmillan NA, Creelman CD. Detection theory: a user’s guide. 2nd ed. Erlbaum, 2005.",
        "c = −(z(H) + z(F)) / 2",
    ),
    Reference(
        "Zhou et al. 2019",
        "Zhou S, Gordon ML, Krishna R, Narcomey A, Fei-Fei L, Bernstein MS. HYPE: a benchmark for human eye "
        "perceptual evaluation of generative models. NeurIPS 2019.",
        "(generated images called real + real ones called generated) / 2, each as a share of its kind",
    ),
    Reference(
        "Zou and Donner 2008",
        "Zou GY, Donner A. Construction of confidence limits about effect measures: a general approach. Stat "
        "Med 2008; 27:1693–1702.",
        "the mean of two shares m, from m − ½√((p₁ − l₁)² + (p₂ − l₂)²) to m + ½√((u₁ − p₁)² + (u₂ − p₂)²)",
    ),
    Reference(
        "Schuirmann 1987",
        "Schuirmann DJ. A comparison of the two one-sided tests procedure and the power approach for "
        "assessing the equivalence of average bioavailability. J Pharmacokinet Biopharm 1987; 15:657–680.",
        "shown where the 90 % interval lies between chance minus and chance plus the margin, and that of d′ "
        "between ± 2 z(½ + margin)",
    ),
    Reference(
        "Cohen 1968",
        "Cohen J. Weighted kappa: nominal scale agreement with provision for scaled disagreement or partial "
        "credit. Psychol Bull 1968; 70:213–220.",
        "1 − Σ w o / Σ w e with w = (i − j)²; interval: percentiles over 1000 samples of images",
    ),
    Reference(
        "Krippendorff 2011",
        "Krippendorff K. Computing Krippendorff’s alpha-reliability. University of Pennsylvania, 2011.",
        "1 − observed / expected disagreement, with the ordinal distance; interval as of kappa",
    ),
    Reference(
        "Gwet 2008",
        "Gwet KL. Computing inter-rater reliability and its variance in the presence of high agreement. Br J "
        "Math Stat Psychol 2008; 61:29–48.",
        "(a − e) / (1 − e), e = Σ π(1 − π) / (K − 1); interval as of kappa",
    ),
    Reference(
        "Kish 1965", "Kish L. Survey sampling. Wiley, 1965.", "n / (1 + (m − 1) ρ); m: verdicts an image"
    ),
    Reference(
        "Donner and Koval 1980",
        "Donner A, Koval JJ. The estimation of intraclass correlation in the analysis of family data. "
        "Biometrics 1980; 36:19–25.",
        "ρ by one-way analysis of variance",
    ),
    Reference(
        "Heusel et al. 2017",
        "Heusel M, Ramsauer H, Unterthiner T, Nessler B, Hochreiter S. GANs trained by a two time-scale "
        "update rule converge to a local Nash equilibrium. NeurIPS 2017.",
        "|μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 √(Σ₁Σ₂))",
    ),
    Reference(
        "Bińkowski et al. 2018",
        "Bińkowski M, Sutherland DJ, Arbel M, Gretton A. Demystifying MMD GANs. ICLR 2018.",
        "unbiased squared MMD with the kernel (x·y/d + 1)³",
    ),
    Reference(
        "Kynkäänniemi et al. 2019",
        "Kynkäänniemi T, Karras T, Laine S, Lehtinen J, Aila T. Improved precision and recall metric for "
        "assessing generative models. NeurIPS 2019.",
        "shares that lie within a k-nearest-neighbour ball of the other set",
    ),
    Reference(
        "Naeem et al. 2020",
        "Naeem MF, Oh SJ, Uh Y, Choi Y, Yoo J. Reliable fidelity and diversity metrics for generative "
        "models. ICML 2020.",
        "density and coverage: balls of the real set only",
    ),
    Reference(
        "Alemohammad et al. 2024",
        "Alemohammad S, Casco-Rodriguez J, Luzi L, et al. Self-consuming generative models go MAD. ICLR "
        "2024.",
        "why recall is watched from round to round",
    ),
)


def cited(texts: Iterable[str]) -> tuple[Reference, ...]:
    """The works that these texts name, in the order of the list."""
    words = " ".join(texts)
    return tuple(reference for reference in REFERENCES if reference.short in words)
