# make, make demo, make check, make install, make deb; make asan, make fuzz,
# make bench.
#
# Nothing here lists source files. lib/*/X.c is library, X_test.c its unit
# test, X_fuzz.c its fuzz target, X_bench.c its benchmark; cli/*.c is the
# program.
#
# Variables: V (plain, asan, clang, fuzz, cov: one object tree each), O (where
# that tree lies), CC, CFLAGS, CPPFLAGS, LDFLAGS, LDLIBS, WERROR=1 (warnings are
# errors), HARDEN=no, DEPS=no (never install packages), Q= (show
# commands), FUZZ (libFuzzer's options), ONLY (names of golden cases),
# UPDATE=1 (rewrite their expectations), EVASION=--clamscan (compare),
# PREFIX, DESTDIR, SYSCONFDIR, STATEDIR, UNITDIR, TMPFILESDIR, SYSUSERSDIR.

VERSION := 0.1.0

PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share
MANDIR  ?= $(DATADIR)/man
DOCDIR  ?= $(DATADIR)/doc/mailscan
BASHDIR ?= $(DATADIR)/bash-completion/completions
ZSHDIR  ?= $(DATADIR)/zsh/site-functions
SYSCONFDIR ?= /etc
STATEDIR ?= /var/lib/mailscan
UNITDIR ?= $(PREFIX)/lib/systemd/system
TMPFILESDIR ?= $(PREFIX)/lib/tmpfiles.d
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d

# These two must work on a machine that has git and make and nothing else, so
# what is missing is installed before pkg-config is asked for anything. When
# nothing is missing that takes some milliseconds.
deps_group := $(if $(filter check check-% asan,$(MAKECMDGOALS)),check, \
	        $(if $(filter demo,$(MAKECMDGOALS)),build))
ifneq ($(strip $(deps_group)),)
ifneq ($(DEPS),no)
ifneq ($(shell scripts/install-deps $(deps_group) >&2; echo $$?),0)
$(error packages are missing (DEPS=no goes on regardless))
endif
endif
endif

Q       ?= @
say      = @test -z '$(Q)' || echo '$(1) $@'
CC      ?= cc
CFLAGS  ?= -O2 -g
PKGS    := gmime-3.0 libarchive libclamav libcrypto jansson libseccomp \
	   sqlite3 libconfuse libevent libevent_openssl libssl
# Of those, what is needed to ask a service.
PKGS_doorway := glib-2.0 libconfuse
# This one may be absent (PCAP=no: as if it were); --version says what is in.
PCAP    ?= $(shell pkg-config --exists libpcap && echo yes || echo no)
ifeq ($(PCAP),yes)
PKGS    += libpcap
endif
# Likewise. Debian's package has a file for pkg-config, others may not.
MILTER  ?= $(shell pkg-config --exists milter && echo yes || \
	     { echo '\#include <libmilter/mfapi.h>' | $(CC) -x c \
	       -fsyntax-only - 2>/dev/null && echo compiles; } || echo no)
ifeq ($(MILTER),yes)
PKGS    += milter
endif
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	   -Wpointer-arith -Wwrite-strings -Wvla -Wformat=2 -Wundef
ifeq ($(WERROR),1)
WARN    += -Werror
endif

# One object tree per variant, so `make check` and `make V=asan check` do not
# rebuild each other. `make asan O=/tmp/x` means /tmp/x/asan.
V       ?= plain
O       := build/$(V)
variant  = $(MAKE) V=$(1) O=$(patsubst %/$(V),%,$(O))/$(1)

sanitize    := -O1 -fno-omit-frame-pointer -fno-sanitize-recover=all
flags_plain :=
flags_clang :=
flags_asan  := $(sanitize) -fsanitize=address,undefined
flags_fuzz  := $(sanitize) -fsanitize=fuzzer-no-link,address,undefined
flags_cov   := -O0 --coverage

# The libraries below us keep what they allocate for good: leaks are looked
# for in our unit tests, by run-unit, and not in whole runs of the program.
ifeq ($(V),asan)
export ASAN_OPTIONS ?= \
  detect_leaks=0:strict_string_checks=1:allocator_may_return_null=1
export UBSAN_OPTIONS ?= print_stacktrace=1
endif

# What this machine is configured for is nobody's test.
export MAILSCAN_CONFIG := /dev/null

HARDEN  ?= yes
ifeq ($(HARDEN)$(filter asan fuzz cov,$(V)),yes)
harden_c := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong \
	    -fPIE
harden_l := -pie -Wl,-z,relro,-z,now
endif

ms_cflags := -std=c11 -D_GNU_SOURCE -DMS_VERSION='"$(VERSION)"' \
	     -ffunction-sections -fdata-sections \
	     -DHAVE_PCAP=$(if $(filter yes,$(PCAP)),1,0) \
	     -DHAVE_MILTER=$(if $(filter yes compiles,$(MILTER)),1,0) $(WARN) \
	     $(CFLAGS) $(harden_c) $(flags_$(V)) -Ilib -I$(O)/lib \
	     $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
ms_libs   := $(shell pkg-config --libs $(PKGS) 2>/dev/null) \
	     $(if $(filter compiles,$(MILTER)),-lmilter -lpthread) $(LDLIBS)
ms_link    = $(CC) $(CFLAGS) $(flags_$(V)) $(harden_l) $(LDFLAGS)

aside     := %_test.c %_fuzz.c %_bench.c
all_src   := $(wildcard lib/*/*.c cli/*.c)
lib_src   := $(filter-out $(aside),$(filter lib/%,$(all_src)))
cli_src   := $(filter-out $(aside) cli/main.c cli/doorway.c, \
	     $(filter cli/%,$(all_src)))
tests     := $(patsubst %.c,$(O)/%,$(filter %_test.c,$(all_src)))
fuzzers   := $(patsubst %.c,$(O)/%,$(filter %_fuzz.c,$(all_src)))
benches   := $(patsubst %.c,$(O)/%,$(filter %_bench.c,$(all_src)))
obj        = $(patsubst %.c,$(O)/%.o,$(1))

all: $(O)/mailscan

# Two programs, as they will be installed: bin/mailscan does what is done for
# every message anew, libexec/mailscan/mailscan does everything. The first is
# linked of the same archives, of which only what it can reach stays in it; if
# that ever wants more than these libraries, the linker says so. What is there
# to find errors is one program.
archives  := $(O)/libcli.a $(O)/libmailscan.a
ifneq ($(filter asan fuzz cov,$(V)),)
$(O)/mailscan: $(O)/cli/main.o $(archives)
	$(call say,LINK)
	$(Q)$(ms_link) -o $@ $^ $(ms_libs)
else
whole     := $(O)/libexec/mailscan/mailscan
$(O)/mailscan: $(O)/bin/mailscan $(whole)
	$(Q)ln -sf bin/mailscan $@
$(O)/bin/mailscan: $(O)/cli/doorway.o $(archives)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(ms_link) -Wl,--gc-sections -o $@ $^ \
	  $(shell pkg-config --libs $(PKGS_doorway))
$(whole): $(O)/cli/main.o $(archives)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(ms_link) -o $@ $^ $(ms_libs)
endif

$(O)/libmailscan.a: $(call obj,$(lib_src)) $(O)/files
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(O)/libcli.a: $(call obj,$(cli_src)) $(O)/files
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(O)/%.o: %.c $(O)/flags
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ms_cflags) $(CPPFLAGS) -MMD -MP -c -o $@ $<

# Style and script of the HTML report are files of their own kind, and become
# the strings html_css and html_js, line by line.
page := $(O)/lib/report/html_css.h $(O)/lib/report/html_js.h
$(page): $(O)/lib/report/html_%.h: lib/report/html.% Makefile
	@mkdir -p $(@D)
	$(Q){ echo 'static const char html_$*[] =' && \
	  sed 's/\\/&&/g; s/"/\\"/g; s/^/"/; s/$$/\\n"/' $< && \
	  echo ';'; } >$@.new && mv $@.new $@
$(O)/lib/report/htmlpage.o: $(page)

# Other flags are a reason to compile again, other files to archive again.
keep_if_same = cmp -s $@.new $@ && rm -f $@.new || mv $@.new $@
$(O)/flags: FORCE
	@mkdir -p $(@D)
	@pkg-config --print-errors --exists $(PKGS) || { \
	  echo "see scripts/install-deps for the packages that this needs" >&2; \
	  exit 1; }
	@printf '%s\n' '$(subst ','\'',$(CC) $(ms_cflags) $(CPPFLAGS) \
	  $(LDFLAGS))' >$@.new
	@$(keep_if_same)
$(O)/files: FORCE
	@mkdir -p $(@D)
	@echo '$(lib_src) $(cli_src)' >$@.new
	@$(keep_if_same)

# A test that wants the linker's help says so in a line of its own:
# /* link: -Wl,--wrap=write */
link_with = $(shell sed -n 's,^/\* link: \(.*\) \*/$$,\1,p' $*$(1).c)
$(O)/%_test: $(O)/%_test.o $(O)/scripts/unitdir.o $(O)/libcli.a \
  $(O)/libmailscan.a
	$(call say,LINK)
	$(Q)$(ms_link) $(call link_with,_test) -o $@ $^ $(ms_libs) -lcmocka
$(O)/%_fuzz: $(O)/%_fuzz.o $(O)/libmailscan.a
	$(call say,LINK)
	$(Q)$(ms_link) -fsanitize=fuzzer -o $@ $^ $(ms_libs)
$(O)/%_bench: $(O)/%_bench.o $(O)/libcli.a $(O)/libmailscan.a
	$(call say,LINK)
	$(Q)$(ms_link) -o $@ $^ $(ms_libs)

# For people who have just cloned: build it, and see it find something.
demo: $(O)/mailscan
	scripts/demo $(O)/mailscan $(O)/demo

# The promises are tried on the program that people get.
whole_checks := \
	check-acceptance \
	check-actions \
	check-audit \
	check-captures \
	check-catalogue \
	check-clamd \
	check-deb \
	check-evasion \
	check-faults \
	check-filter \
	check-gateway \
	check-handing \
	check-html \
	check-incremental \
	check-injection \
	check-ledger \
	check-listen \
	check-mailboxes \
	check-migration \
	check-milter \
	check-mta \
	check-parity \
	check-notices \
	check-oldoptions \
	check-onevery \
	check-passage \
	check-policy \
	check-peers \
	check-postfix \
	check-queues \
	check-reload \
	check-replay \
	check-reports \
	check-room \
	check-rules \
	check-selftest \
	check-serve \
	check-scanners \
	check-service \
	check-sign \
	check-sinks \
	check-spam \
	check-store \
	check-swaks \
	check-talks \
	check-transcripts \
	check-watch
check: check-unit check-cases check-source check-corpus check-testfiles \
  $(if $(filter plain,$(V)),$(whole_checks))
check-unit: $(tests:%=%.run)
	@scripts/run-unit --sum $(tests)
$(O)/%_test.run: $(O)/%_test FORCE
	@scripts/run-unit $<
check-cases: $(O)/mailscan
	@scripts/check-cases $(O)/mailscan testdata/cases $(ONLY)
check-source: $(O)/mailscan $(O)/libmailscan.a
	@scripts/check-source $(O)
check-corpus: $(O)/mailscan
	@if test -x scripts/check-corpus; then \
	  scripts/check-corpus $(O)/mailscan; fi

# What clamscan finds, mailscan finds: signatures and mail of every kind.
check-parity: $(O)/mailscan
	@rm -rf $(O)/parity && scripts/mkparity --out $(O)/parity
	@scripts/check-parity --sets $(O)/mailscan $(O)/parity

check-testfiles: $(O)/mailscan
	@scripts/check-testfiles $(O)/mailscan

# The mail in captures of SMTP, by the side of what others hear.
check-captures: $(O)/mailscan
	@scripts/check-captures $(O)/mailscan

# What other programs write about SMTP is what was said.
check-transcripts: $(O)/mailscan
	@scripts/check-transcripts $(O)/mailscan

# The recorded server and the recorded client, played to each other.
check-listen: $(O)/mailscan
	@scripts/check-listen $(O)/mailscan

check-acceptance: $(O)/mailscan
	@scripts/check-acceptance $(O)/mailscan
check-queues: $(O)/mailscan
	@scripts/check-queues $(O)/mailscan

# Captures and mail played to servers, a real Postfix among them.
check-replay: $(O)/mailscan
	@scripts/check-replay $(O)/mailscan

# The test mail that tells whether a service scans.
check-selftest: $(O)/mailscan
	@scripts/check-selftest $(O)/mailscan testdata/db

# The package on a copy of this system.
check-deb: deb
	@scripts/check-deb build/deb/mailscan_$(VERSION)_$(shell \
	  dpkg --print-architecture).deb testdata/db

# The proxy loses nothing while other things fall over; the second with as many
# messages as one wants before a release.
check-ledger: $(O)/mailscan
	@scripts/check-ledger $(O)/mailscan testdata/db
soak-ledger: $(O)/mailscan
	@scripts/check-ledger $(O)/mailscan testdata/db 20000

# What the proxy passes on is what came, and what it finds is what scan finds.
check-passage: $(O)/mailscan
	@scripts/check-passage $(O)/mailscan build/evasion

# The proxy with a real Postfix.
check-postfix check-swaks: $(O)/mailscan
	@scripts/$@ $(O)/mailscan testdata/db

# The proxy between a client and a next hop, both of them ours.
check-serve check-talks check-peers check-gateway check-store check-watch \
  check-faults check-injection check-catalogue check-clamd check-reload \
  check-spam check-scanners check-sign check-rules check-sinks \
  check-room check-service check-filter check-handing check-onevery \
  check-notices \
  check-policy check-milter check-mta check-migration check-oldoptions: \
  $(O)/mailscan
	@scripts/$@ $(O)/mailscan testdata/db

# Messages are taken out of mailboxes to which others append; the second for
# as long, with each way of locking, as one wants before a release.
check-mailboxes: $(O)/lib/action/mailbox_bench
	@scripts/check-mailboxes $<
soak-mailboxes: $(O)/lib/action/mailbox_bench $(O)/lib/action/crash_test
	@scripts/check-mailboxes $< 20
	@rm -rf $(O)/crash && mkdir $(O)/crash && cd $(O)/crash && \
	  CRASH_SEEDS=200 ../lib/action/crash_test

# What a scan does with single messages, also of mailboxes to which others
# append; the second as above.
check-actions: $(O)/mailscan
	@scripts/check-actions $(O)/mailscan
soak-actions: $(O)/mailscan
	@WRITER_SECONDS=20 scripts/check-actions $(O)/mailscan delivered

# Packets of sessions made at random are what was said, again and again.
soak-captures: $(O)/lib/capture/pcap_test
	@CAPTURE_RUNS=10000 $<

# The HTML report in a browser. Pages and pictures stay in build/html.
check-html: $(O)/mailscan
	@scripts/check-html $(O)/mailscan

# The example configuration, and what starts an audit every night.
check-audit: $(O)/mailscan
	@scripts/check-audit $(O)/mailscan testdata

# Reports as other programs read them.
check-reports: $(O)/mailscan
	@scripts/check-reports $(O)/mailscan

# What an incremental audit scans, and what it knows.
check-incremental: $(O)/mailscan
	@scripts/check-incremental $(O)/mailscan

# Mail that hides something from scanners, kept in build/ once it is made.
check-evasion: $(O)/mailscan
	@scripts/check-evasion $(EVASION) $(O)/mailscan build/evasion

asan:
	+$(call variant,asan) all check

clang:
	+$(call variant,clang) CC=clang all check-unit

# Only what clang has to say of each file, in a tenth of the time.
clang-warnings:
	+$(call variant,clang) CC=clang warnings
warnings: $(page)
	@printf '%s\n' $(all_src) | xargs -P "$${JOBS:-2}" -n 16 \
	  $(CC) $(ms_cflags) $(CPPFLAGS) -fsyntax-only

# Fuzzers need clang. FUZZ=-runs=0 only replays the corpora; what a longer run
# finds is kept in build/, and copied to testdata/fuzz by hand.
FUZZ ?= -max_total_time=60
fuzz:
	+$(call variant,fuzz) CC=clang fuzz-run
fuzz-run: $(fuzzers)
	@scripts/run-fuzz $(O)/corpus '$(FUZZ)' $^

# TIDY_CHECKS=-clang-analyzer-*: what takes seconds; the rest takes minutes.
tidy: $(page)
	@TIDY_CHECKS='$(TIDY_CHECKS)' scripts/tidy $(ms_cflags) $(CPPFLAGS)

bench: $(O)/mailscan $(benches)
	@set -e; for b in $(benches); do echo "== $$b"; $$b; done
	@if test -x scripts/bench; then scripts/bench $(O)/mailscan; fi

install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 \
	  $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man8 \
	  $(DESTDIR)$(DOCDIR) $(DESTDIR)$(BASHDIR) \
	  $(DESTDIR)$(ZSHDIR)
	install -m 755 $(O)/mailscan $(DESTDIR)$(BINDIR)/mailscan
	$(if $(whole),install -d $(DESTDIR)$(BINDIR)/../libexec/mailscan)
	$(if $(whole),install -m 755 $(whole) \
	  $(DESTDIR)$(BINDIR)/../libexec/mailscan/mailscan)
	ln -sf mailscan $(DESTDIR)$(BINDIR)/mailscan-queue
	set -e; for p in $(wildcard man/*.[158]); do \
	  install -m 644 $$p $(DESTDIR)$(MANDIR)/man$${p##*.}/; done
	install -m 644 $(wildcard README.md CHANGES LICENSE) $(DESTDIR)$(DOCDIR)
	$(O)/mailscan completion bash >$(DESTDIR)$(BASHDIR)/mailscan
	$(O)/mailscan completion zsh >$(DESTDIR)$(ZSHDIR)/_mailscan
	chmod 644 $(DESTDIR)$(BASHDIR)/mailscan $(DESTDIR)$(ZSHDIR)/_mailscan
	install -d $(DESTDIR)$(DOCDIR)/examples $(DESTDIR)$(UNITDIR) \
	  $(DESTDIR)$(SYSCONFDIR)/mailscan $(DESTDIR)$(TMPFILESDIR) \
	  $(DESTDIR)$(SYSUSERSDIR)
	install -d -m 700 $(DESTDIR)$(STATEDIR)
	install -m 644 scripts/audit/mailscan.conf \
	  scripts/audit/mailscan-audit.cron $(DESTDIR)$(DOCDIR)/examples
	test -e $(DESTDIR)$(SYSCONFDIR)/mailscan/mailscan.conf || \
	  install -m 644 scripts/audit/mailscan.conf \
	    $(DESTDIR)$(SYSCONFDIR)/mailscan/mailscan.conf
	set -e; for u in audit/mailscan-audit.service \
	  audit/mailscan-audit.timer service/mailscan.service \
	  service/mailscan-milter.service; do \
	  sed 's,/usr/local/bin/,$(BINDIR)/,' scripts/$$u \
	    >$(DESTDIR)$(UNITDIR)/$${u##*/}; \
	  chmod 644 $(DESTDIR)$(UNITDIR)/$${u##*/}; done
	install -m 644 scripts/service/tmpfiles.conf \
	  $(DESTDIR)$(TMPFILESDIR)/mailscan.conf
	install -m 644 scripts/service/sysusers.conf \
	  $(DESTDIR)$(SYSUSERSDIR)/mailscan.conf

# A package for Debian: build/deb/mailscan_VERSION_ARCH.deb.
deb: all
	@MAKE='$(MAKE)' O=$(O) scripts/mkdeb build/deb $(VERSION)

dist:
	@mkdir -p build
	git archive --prefix=mailscan-$(VERSION)/ HEAD | \
	  xz >build/mailscan-$(VERSION).tar.xz

clean:
	rm -rf build

-include $(patsubst %.c,$(O)/%.d,$(all_src))
FORCE:
.PHONY: all demo check check-unit check-cases check-source check-corpus \
	check-testfiles $(whole_checks) soak-actions soak-captures soak-ledger \
	soak-mailboxes asan \
	clang clang-warnings warnings fuzz fuzz-run tidy bench install \
	deb dist clean FORCE
.SECONDARY:
