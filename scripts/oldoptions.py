"""Each option of the programs that mailscan takes the place of, and what it is
now. Whatever shows one at work says shows(); tell() names what nothing has
shown."""

OPTIONS = {
    "clamsmtpd": {
        "-d": "debug, in the foreground unless daemon",
        "-f": "-c, --config",
        "-p, PidFile": "pidfile",
        "-v": "version, -V",
        "Action bounce": "on-infected = reject",
        "Action drop": "on-infected = drop",
        "Action pass": "on-infected = tag",
        "Bounce": "on-infected = reject",
        "ClamAddress": "engine = clamd, clamd",
        "Header": "header",
        "ScanHeader": "header",
        "KeepAlives": "keepalive",
        "Listen": "listen",
        "MaxConnections": "max-connections",
        "OutAddress": "upstream",
        "OutAddress, a port": "upstream = client:PORT",
        "TransparentProxy": "upstream = original-dst",
        "Quarantine": "quarantine, on-infected = quarantine+...",
        "TempDirectory": "tempdir",
        "DebugFiles, -X": "queue: leave-temps",
        "TimeOut": "client-timeout, upstream-timeout, max-scantime",
        "User": "user, group",
        "VirusAction": "on-event-command, compat-shell",
        "variables of VirusAction": "the same",
        "XClient": "xclient",
        "XFORWARD": "trust-xforward",
        "EHLO filter": "hide, pass-unknown",
        "banner": "hostname, banner",
        "421, 451, 5xx": "421 4.3.2, defer-reply, reject-reply",
    },
    "clamav-milter": {
        "socket_address": "milter: listen",
        "-a": "notify-from",
        "-A": "on-infected = tag, subject-tag",
        "-b": "notify = postmaster,sender",
        "-B": "event-udp, event-udp-interface",
        "-c": "config import clamav-milter",
        "-C": "milter: chroot",
        "-d": "on-error = pass",
        "-D, -x": "debug",
        "-e, -s": "engine = clamd, clamd",
        "-f": "force-scan",
        "-F": "sign-file",
        "-H": "notify-headers",
        "-h, -V": "--help, --version",
        "-i": "milter: pidfile",
        "-I": "local-nets",
        "-k": "block-client-time",
        "-K": "block-client-exempt",
        "-l": "scan-local",
        "-L": "reject-forged-local = name",
        "-m": "milter: max-scans",
        "--dont-wait": "milter: max-scan-wait = 0",
        "-T": "milter: max-scan-wait, after-wait = scan",
        "-M": "db-check-interval",
        "-n": "header = \"\", status-header = no",
        "-N": "on-infected = drop",
        "-o": "scan-outgoing",
        "-p": "postmaster",
        "-P": "notify = postmaster",
        "-q": "notify = none",
        "-S": "sign-text",
        "-Q": "on-infected = redirect:ADDRESS",
        "-r": "phish-report-to",
        "-R": "phish-fp-report-to",
        "-t": "notify-template",
        "--template-headers": "notify-template-headers",
        "-U": "quarantine, on-infected = quarantine+...",
        "-W": "allow-list = classic:FILE",
        "--dont-sanitise": "block-address-chars",
        "--black-hole-mode": "blackhole-command",
        "--sendmail-cf, --no-check-cf": "config check --mta-config",
        "tcpwrappers": "allow-clients",
        "a clamd at the start": "exit status 2",
    },
    "simscan": {
        "--enable-user": "no setuid",
        "--enable-clamav, --enable-clamdscan": "engine, clamd",
        "--enable-custom-smtp-reject": "queue: custom-reject",
        "--enable-per-domain": "policy-map, policy-conflict = last",
        "simscanmk": "no step: the text is read, and again at SIGHUP",
        "simscanmk -g, sigtool, *-path": "db info",
        "--enable-attach, ssattach": "block-name, block-name-file",
        "--enable-spam, --enable-spamc": "scanner spam: type = spamc",
        "--enable-spamc-args": "scanner spam: address, max-size, timeout",
        "--enable-spamc-user": "scanner spam: user = rcpt",
        "--enable-spam-auth-user": "scanner spam: scan-auth",
        "--enable-spam-passthru": "scanner spam: passthru",
        "--enable-spam-hits": "scanner spam: reject-score",
        "--enable-dspam": "scanner dspam: type = command",
        "--enable-trophie-path, -socket": "scanner trophie: type = sophie",
        "--enable-dropmsg": "on-infected = drop, on-spam = drop",
        "--enable-quarantinedir": "quarantine, on-... = quarantine+...",
        "--enable-qmaildir, --enable-qmail-queue": "queue: next",
        "--enable-workdir": "tempdir",
        "--enable-controldir": "policy-map",
        "--enable-ripmime": "of its own: extract, inspect",
        "--enable-received": "queue: received-header",
        "--enable-regex": "block-regex",
        "SIMSCAN_DEBUG": "MAILSCAN_DEBUG, queue: leave-temps",
        "RELAYCLIENT": "the same: authenticated",
        "TCPREMOTEIP": "the same: the client",
        "tcp.smtp": "client-policy",
        "simcontrol clam": "policy-map: clam",
        "simcontrol spam": "policy-map: spam",
        "simcontrol trophie": "policy-map: trophie",
        "simcontrol attach": "policy-map: attach",
        "simcontrol spam_hits": "policy-map: spam_hits",
        "simcontrol spam_passthru": "policy-map: spam_passthru",
        "simcontrol regex": "policy-map: regex",
        "simcontrol spamuser": "policy-map: spamuser",
        "simcontrol qmailqueue": "policy-map: qmailqueue, next",
        "extension addresses": "policy-ext-sep",
        "exit codes, descriptor 4": "the same",
        "-v": "version, -V",
    },
}

shown = set()


def shows(program, *names):
    """These work."""
    for name in names:
        if name not in OPTIONS[program]:
            raise AssertionError("%s has no %s" % (program, name))
        shown.add((program, name))


def tell():
    """Is there an option that nothing has shown?"""
    left = [(program, name) for program, names in OPTIONS.items()
            for name in names if (program, name) not in shown]
    for program, name in left:
        print("check-oldoptions: not shown: %s of %s" % (name, program))
    total = sum(len(names) for names in OPTIONS.values())
    print("check-oldoptions: %d options, %d shown" % (total, len(shown)))
    return bool(left)
