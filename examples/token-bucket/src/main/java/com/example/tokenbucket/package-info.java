/** A primitive that is not Trefoil's own, made of nothing but the SPI. */
package com.example.tokenbucket;
