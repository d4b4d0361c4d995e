package cdktest_test

import "testing"

// The example's tests pass.
func TestExample(t *testing.T) {
	t.Run("Shop", shop)
	t.Run("ShopRole", shopRole)
	t.Run("ShopOrder", shopOrder)
}
