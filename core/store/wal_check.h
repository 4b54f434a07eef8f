// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

#include <string>

namespace keelson::store {

/// Whether what SQLite will read of the write-ahead log beside the database `path` is all that was committed to it.
///
/// SQLite reads a log up to the first frame whose checksum is wrong and drops the rest in silence, since a power cut
/// leaves such a frame behind a commit that was never acknowledged. It leaves no commit behind that frame with more
/// frames after it, though: a commit is on the disk before the next is begun. Where that is found, the disk has
/// forgotten acknowledged writes. The log's format: https://www.sqlite.org/fileformat2.html#walformat.
///
/// To be called before the database is opened, by the holder of its lock. Changes nothing.
/// `ServiceUnavailable` names the file and what to do: the log is damaged, or the database it belongs to is missing.
Result<Done> checkWriteAheadLog(const std::string& path);

} // namespace keelson::store
