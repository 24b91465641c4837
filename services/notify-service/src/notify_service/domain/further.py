"""What a WeChat message says last: where to go on, or what nobody may ask for."""

SAFETY = ("不收任何费用，不问银行卡和验证码", "No fees; nobody asks for bank cards or codes")
MINE = ("打开 [site]/mine 查看", "See [site]/mine")
ADOPT = ("打开 [site]/adopt 查看", "See [site]/adopt")
DESK = ("打开 [site]/desk 查看", "See [site]/desk")
