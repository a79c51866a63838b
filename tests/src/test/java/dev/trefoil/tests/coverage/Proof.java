package dev.trefoil.tests.coverage;

/** That a test method, named {@code package.Class.method}, proves a row. */
record Proof(String row, String test) {}
