// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace keelson {

/// For programs with many threads, before they start any: the C library's heap is split into few parts. By default each
/// thread gets one of its own, up to eight a processor, and what one frees no other can use: a third of the memory of a
/// busy server. Threads beyond the number of processors gain nothing by more.
void limitHeapParts();

} // namespace keelson
