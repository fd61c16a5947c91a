# What scripts share: where a JDK 25 is, and whether the build is as new as its sources. Sourced, with root set to
# Violin's folder and a function die that ends the script with a message.

no_jdk25='there is no JDK 25 (looked at JAVA_HOME, /usr/lib/jvm and PATH)'

# What violin.jar is made of, under root.
product_sources=(pom.xml native/{CMakeLists.txt,pom.xml,src,uml} control/picocli/pom.xml {dataplane,control}/{pom.xml,src}
  docs/topology.schema.json)

# Sets jdk to the home of a JDK 25 that has the program bin/$1; fails where there is none.
find_jdk25() {
  for jdk in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    ! is_jdk25 "$jdk" "$1" || return 0
  done
  jdk=$(type -P "$1") && jdk=$(readlink -f "$jdk") && jdk=${jdk%/bin/*} && is_jdk25 "$jdk" "$1"
}

# A JDK tells its version in the file "release" without being started. Reading it starts no process: each costs a
# command a millisecond.
is_jdk25() {
  local release
  [[ -x $1/bin/$2 && -r $1/release ]] || return
  IFS= read -r -d '' release <"$1/release" || true
  [[ $release == *'JAVA_VERSION="25'* ]]
}

# Builds module $1, with what it needs, unless its jar $2 is newer than the product's sources and those of $3 and on.
# Fails where nothing was to be built.
build_if_older() {
  local module=$1 jar=$2 log
  shift 2
  if [[ -r $jar && -z $(cd "$root" && find "${product_sources[@]}" "$@" -newer "$jar" -print -quit) ]]; then
    return 1
  fi
  echo "${0##*/}: building $module" >&2
  log=$(mktemp)
  (cd "$root" && mvn -q -B package -DskipTests -pl "$module" -am >"$log" 2>&1) || {
    cat "$log" >&2
    rm -f "$log"
    die "the build failed (above)"
  }
  rm -f "$log"
  touch "$jar"
}
