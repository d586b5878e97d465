EXTRA_DIST += tests/vm/README tests/vm/image.sh tests/vm/run.sh tests/vm/guest.py tests/vm/kernel.py

# Needs root, qemu-system-x86 and debootstrap; the image is made once.
VM_CACHE = $(abs_top_builddir)/vm-cache
check-vm: all
	@bash $(top_srcdir)/tests/vm/run.sh $(abs_top_builddir) $(VM_CACHE) $(VM_TESTS) || test $$? = 77
.PHONY: check-vm
