"""Commands of the check stage."""

from pathlib import Path

import click

from stages.core.run.command import params_option, stage


@click.group(invoke_without_command=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="File to write; its content never changes, so that nothing reruns.",
)
@click.option(
    "--models",
    type=click.Path(path_type=Path),
    help="Folder to write: the model string of each short name, in a file of that name.",
)
@params_option
@click.pass_context
@stage
def main(context: click.Context, out: Path | None, models: Path | None, params_file: Path) -> None:
    """Refuse wrong parameters before any work, naming what is wrong with each."""
    from stages.check.named import write_named
    from stages.core.params.read import read_params
    from stages.core.run.errors import InputError
    from stages.core.run.files import atomic

    if context.invoked_subcommand is not None:
        return
    if out is None:
        raise InputError("nothing to do", expected="--out FILE, or the command preset")
    params = read_params(params_file)
    if models is not None:
        write_named(params.models, models)
    with atomic(out) as partial:
        partial.write_text("The parameters are right.\n")


@main.command()
@click.argument("name", default="")
@click.option("--untrained", is_flag=True, help="Also the untrained twin of each.")
@params_option
@stage
def preset(name: str, untrained: bool, params_file: Path) -> None:
    """Write published zoos into params.yaml: their short names, and the lists of models.

    NAME is schrimpf2021 (for `language.zoo`), shen2025 (for `zoo`), or timm:PATTERN for all
    pretrained image models of timm whose names are like it (for `zoo`). Where a zoo lists
    `preset:NAME`, the models take its place; without NAME, those of all that zoos list. Comments
    are kept, nothing is downloaded, and models that cannot be had are told.
    """
    import logging

    from stages.check.expansion import expand, marked, with_twins
    from stages.core.params.presets import MARK, TIMM, find_preset, of_timm
    from stages.core.run.errors import InputError

    # One that no zoo lists comes last, since it takes the place of a whole zoo.
    names = list(dict.fromkeys([*marked(params_file), *([name] if name else [])]))
    if not names:
        raise InputError("no preset", expected=f"NAME, or {MARK}NAME in a zoo of {params_file}")
    presets = {}
    for one in names:
        if one.startswith(TIMM):
            import timm

            pattern = one.removeprefix(TIMM)
            presets[one] = of_timm(pattern, timm.list_models(pattern, pretrained=True))
        else:
            presets[one] = find_preset(one)
    whole = {one: with_twins(own) if untrained else own for one, own in presets.items()}
    log = logging.getLogger("concord.check")
    for key, count in expand(params_file, whole).items():
        log.info("%s: lists %d models; what they need is fetched as they run", key, count)
    for own in presets.values():
        for left_out, why in own.left_out.items():
            log.warning("%s is left out: %s", left_out, why)


if __name__ == "__main__":
    main()
