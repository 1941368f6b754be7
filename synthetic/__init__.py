"""A synthetic helsefellesskap in register shape.

`generate` draws one population, lets it live through GP, legevakt, home care, hospital and nursing
home by the equations of `synthetic.model`, and writes what each organisation would deliver. No
record of a real person was used. What it is right in is what the calibration report
(`synthetic.calibration`) sets beside published figures; beyond that it is plausible, no more.
"""
