from django import template

from lpm.lib.grades import grade_label

register = template.Library()
register.filter("grade_words", grade_label)
