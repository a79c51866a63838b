# Sourced, not run, by scripts that have the function follow. find_java sets JAVA_HOME to a JDK 25 and fails if there is none.

is_java_25() {
  [ -x "$1/bin/java" ] && grep -q '^JAVA_VERSION="25[".]' "$1/release" 2>/dev/null
}

# The home of the java on the PATH, wherever links lead to.
java_home_on_path() {
  java_on_path=$(command -v java) || return 1
  dirname "$(dirname "$(follow "$java_on_path")")"
}

find_java() {
  for candidate in \
    "${JAVA_HOME:-}" \
    "$(java_home_on_path)" \
    /usr/lib/jvm/* \
    /usr/java/* \
    /usr/local/java/* \
    /opt/java/* \
    /opt/jdk* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "${HOME:-}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    "${HOME:-}"/.sdkman/candidates/java/* \
    "${HOME:-}"/.jdks/* \
    "${HOME:-}"/.jdks/*/Contents/Home \
    "${HOME:-}"/.asdf/installs/java/* \
    "${HOME:-}"/.local/share/mise/installs/java/*; do
    if is_java_25 "$candidate"; then
      JAVA_HOME=$candidate
      export JAVA_HOME
      return 0
    fi
  done
  echo "trefoil: needs JDK 25 and found none: install one (for example Eclipse Temurin 25) in a usual place, or point JAVA_HOME at it." >&2
  return 1
}
