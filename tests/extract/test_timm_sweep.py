"""The smallest network of every module of timm: its layers, or one line that says why not."""

import numpy as np
import pytest
import timm
import torch

from stages.core.activations.activations import read_about
from stages.core.names.models import parse_model
from stages.core.recording.recording_files import read_stimuli
from stages.core.recording.types import stimuli_digest
from stages.extract.extraction import extract_scene
from stages.extract.images.channel_axis import declared_channels
from tests.sweep_page import note

NAMES = [
    "beit_base_patch16_224",
    "cait_xxs24_224",
    "coat_tiny",
    "convit_tiny",
    "convmixer_768_32",
    "cpubone_nano",
    "crossvit_tiny_240",
    "cs3darknet_s",
    "csatv2",
    "cspnext_tiny",
    "davit_tiny",
    "deepseek_vit_412m",
    "deit_tiny_patch16_224",
    "densenet121",
    "dla46_c",
    "dpn48b",
    "eca_botnext26ts_256",
    "edgenext_xx_small",
    "efficientformer_l1",
    "efficientformerv2_s0",
    "efficientvim_m1",
    "efficientvit_b0",
    "efficientvit_m0",
    "ese_vovnet19b_slim_dw",
    "eva02_tiny_patch14_224",
    "fasternet_t0",
    "fastvit_t8",
    "focalnet_tiny_srf",
    "gcvit_xxtiny",
    "gemma4_vit_167m",
    "ghostnet_050",
    "gmlp_ti16_224",
    "hardcorenas_b",
    "hgnetv2_b0",
    "hiera_tiny_224",
    "hieradet_small",
    "hrnet_w18_small",
    "iformer_t",
    "inception_next_atto",
    "inception_resnet_v2",
    "inception_v3",
    "inception_v4",
    "lcnetv2_small",
    "legacy_seresnet18",
    "legacy_xception",
    "levit_128",
    "lowformer_b0",
    "mobilenetv3_small_050",
    "mobilenetv5_base",
    "mobileone_s1",
    "mobilevit_xxs",
    "mvitv2_tiny",
    "naflexvit_base_patch16_gap",
    "nasnetalarge",
    "nest_tiny",
    "nextvit_small",
    "pit_ti_224",
    "pnasnet5large",
    "poolformerv2_s12",
    "pvt_v2_b0",
    "qwen3_vit_88m",
    "rdnet_tiny",
    "regnetx_002",
    "repghostnet_050",
    "repvit_m1",
    "res2next50",
    "resnest14d",
    "resnet10t",
    "resnetv2_18",
    "rexnet_100",
    "samvit_base_patch16_224",
    "selecsls42",
    "sequencer2d_s",
    "shvit_s1",
    "skresnet18",
    "starnet_s050",
    "swiftformer_xs",
    "swin_tiny_patch4_window7_224",
    "swinv2_cr_tiny_224",
    "swinv2_tiny_window16_256",
    "test_coatnet",
    "test_convnext",
    "test_mambaout",
    "test_nfnet",
    "test_vit",
    "test_vit_relpos",
    "tiny_vit_5m_224",
    "tinynet_e",
    "tnt_s_legacy_patch16_224",
    "tresnet_m",
    "twins_svt_small",
    "vgg11",
    "visformer_tiny",
    "vit_tiny_r_s16_p8_224",
    "vitamin_small_224",
    "volo_d1_224",
    "xception41p",
    "xcit_nano_12_p8_224",
]
# Without containers or `feature_info` that name their blocks.
REFUSED = {"hrnet_w18_small", "tresnet_m"}
# Whose channels lie last without saying so, whose blocks are lists, or give several tensors.
ODD = ("coat_tiny", "twins_svt_small", "tnt_s_legacy_patch16_224", "tiny_vit_5m_224")
MOST = 2e13  # weights times pixels: what takes longer than minutes
SAMPLE = sorted({*ODD, *np.random.default_rng(16).choice(NAMES, 6).tolist()})


@pytest.fixture
def try_one(scenery, scene_settings, tmp_path, record_property):
    """Show a network two images, and note what `tests.sweep_page` tells of it."""

    def run(name):
        note(record_property, "timm", module_of(name), name)
        with torch.device("meta"):
            network = timm.create_model(name, pretrained=False)
        size = sum(one.numel() for one in network.parameters())
        if size * np.prod(network.pretrained_cfg["input_size"][1:]) > MOST:
            pytest.skip(f"more than {MOST:.0e} weights by pixels")
        spec = parse_model("tiny", {"tiny": f"timm:{name}+untrained"})
        pooled = scene_settings.model_copy(update={"vision": "pooled"})
        recording, folder = scenery(2), tmp_path / "out"
        told = extract_scene(recording, spec, pooled, folder)
        note(record_property, "timm", module_of(name), name, scene=told)
        if name in REFUSED:
            assert told is not None
            assert "network without known blocks" in told
            return
        assert told is None
        about, _ = read_about(folder, stimuli_digest(read_stimuli(recording / "stimuli.parquet")))
        known = declared_channels(network)
        # What `feature_info` leaves out, such as a last stage before a final convolution, is rare.
        undeclared = set(about.widths.values()) - known
        assert len(undeclared) <= len(set(about.widths.values())) / 2, about.widths

    return run


def module_of(name):
    return timm.model_entrypoint(name).__module__.rpartition(".")[2]


def test_every_module_has_a_network_here():
    assert sorted(map(module_of, NAMES)) == timm.list_modules()


@pytest.mark.parametrize("name", SAMPLE)
def test_some_modules(name, try_one):
    try_one(name)


@pytest.mark.nightly
@pytest.mark.parametrize("name", NAMES)
def test_every_module(name, try_one):
    try_one(name)
