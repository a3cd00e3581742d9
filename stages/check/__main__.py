"""Commands of the check stage."""

from pathlib import Path

import click

from stages.core.run.command import params_option, stage

TIMM = "timm:"


@click.group(invoke_without_command=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="File to write; its content never changes, so that nothing reruns.",
)
@params_option
@click.pass_context
@stage
def main(context: click.Context, out: Path | None, params_file: Path) -> None:
    """Refuse wrong parameters before any work, naming what is wrong with each."""
    from stages.core.params.read import read_params
    from stages.core.run.errors import InputError
    from stages.core.run.files import atomic

    if context.invoked_subcommand is not None:
        return
    if out is None:
        raise InputError("nothing to do", expected="--out FILE, or the command preset NAME")
    read_params(params_file)
    with atomic(out) as partial:
        partial.write_text("The parameters are right.\n")


@main.command()
@click.argument("name")
@click.option("--untrained", is_flag=True, help="Also the untrained twin of each.")
@params_option
@stage
def preset(name: str, untrained: bool, params_file: Path) -> None:
    """Write a published zoo into params.yaml: its short names, and the list of models.

    NAME is schrimpf2021 (for `language.zoo`), shen2025 (for `zoo`), or timm:PATTERN for all
    pretrained image models of timm whose names are like it. Comments are kept, nothing is
    downloaded, and models that cannot be had are told.
    """
    import logging

    from stages.check.expansion import expand, with_twins
    from stages.core.params.presets import find_preset, of_timm

    if name.startswith(TIMM):
        import timm

        pattern = name.removeprefix(TIMM)
        found = of_timm(pattern, timm.list_models(pattern, pretrained=True))
    else:
        found = find_preset(name)
    models = with_twins(found.models) if untrained else found.models
    expand(params_file, name, found.key, models)
    log = logging.getLogger("concord.check")
    log.info("%s: lists %d models; what they need is fetched as they run", found.key, len(models))
    for left_out, why in found.left_out.items():
        log.warning("%s is left out: %s", left_out, why)


if __name__ == "__main__":
    main()
