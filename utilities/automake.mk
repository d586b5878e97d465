# filled by this folder
include utilities/ofctl/automake.mk
