/** Tests of a third party. Open, since JUnit looks for the tests in it by reflection. */
open module com.example.bell {
  requires dev.trefoil.testing;
}
