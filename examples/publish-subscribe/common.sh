# What publish and subscribe share.
violin=$(dirname "$0")/../../scripts/violin
port=7788

# A topic is a group of those for use inside an organisation (RFC 2365). Two topics in 65,536 share one, so each message
# begins with its topic.
group_of() {
    set -- $(printf %s "$1" | cksum)
    echo "239.192.$(($1 / 256 % 256)).$(($1 % 256))"
}
