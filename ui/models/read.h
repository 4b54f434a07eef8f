// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "api/value.h"
#include "base/clock.h"

#include <QString>

namespace keelson::ui {

/// Reading documents into Qt's words. All are total: what is missing is empty.
QString toText(std::string_view text);
QString textAt(const api::Value& value, std::initializer_list<std::string_view> path);
const api::Array& listAt(const api::Value& value, std::initializer_list<std::string_view> path);
const api::Object& membersAt(const api::Value& value, std::initializer_list<std::string_view> path);
/// Milliseconds since 1970, or 0.
qint64 timeAt(const api::Value& value, std::initializer_list<std::string_view> path);

/// A quantity in thousandths of its unit ("250m" is 250, "2" is 2000, "1Ki" is 1024000); 0 when it is none.
qint64 quantityMilli(QStringView text);
/// "250m", "1.5", "2": cores.
QString coresText(qint64 milli);
/// "512 MiB": bytes.
QString bytesText(qint64 bytes);
/// A quantity as people read it: that of "cpu" as cores, that of memory and disks in bytes, others as they are.
QString quantityText(const QString& resource, const QString& quantity);
/// The text with places where a line may break after the marks of names, images and paths (U+200B). Only for showing.
QString breakable(QString text);
QString unbroken(QString text); ///< Without those places.
/// What the clock shows, in milliseconds since 1970.
qint64 nowMs(const Clock& clock);
/// "12s", "5m", "3h", "4d": how long ago; empty when `sinceMs` is 0.
QString ageText(qint64 sinceMs, const Clock& clock);

} // namespace keelson::ui
