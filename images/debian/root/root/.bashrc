PS1='otherworld# '
