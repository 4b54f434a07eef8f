// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/read.h"

#include <QDateTime>
#include <QRegularExpression>

#include <cmath>

namespace keelson::ui {

namespace {

constexpr int runLengthMax = 24; // letters in a row without a place to break

} // namespace

QString toText(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QString textAt(const api::Value& value, std::initializer_list<std::string_view> path)
{
    const auto* found = api::find(value, path);
    if (!found)
        return {};
    if (found->is_string())
        return toText(found->get_string());
    if (found->is_int64())
        return QString::number(found->get_int64());
    if (found->is_uint64())
        return QString::number(found->get_uint64());
    if (found->is_double())
        return QString::number(found->get_double());
    if (found->is_bool())
        return found->get_bool() ? QStringLiteral("true") : QStringLiteral("false");
    return {};
}

const api::Array& listAt(const api::Value& value, std::initializer_list<std::string_view> path)
{
    static const api::Array none;
    const auto* found = api::find(value, path);
    return found && found->is_array() ? found->get_array() : none;
}

const api::Object& membersAt(const api::Value& value, std::initializer_list<std::string_view> path)
{
    static const api::Object none;
    const auto* found = api::find(value, path);
    return found && found->is_object() ? found->get_object() : none;
}

qint64 timeAt(const api::Value& value, std::initializer_list<std::string_view> path)
{
    const auto text = textAt(value, path);
    if (text.isEmpty())
        return 0;
    const auto time = QDateTime::fromString(text, Qt::ISODateWithMs);
    return time.isValid() ? time.toMSecsSinceEpoch() : 0;
}

qint64 quantityMilli(QStringView text)
{
    qsizetype end = 0;
    while (end < text.size() && (text[end].isDigit() || text[end] == u'.' || text[end] == u'-' || text[end] == u'+'))
        ++end;
    bool isNumber = false;
    const double number = text.left(end).toDouble(&isNumber);
    if (!isNumber)
        return 0;
    const auto suffix = text.mid(end);
    if (suffix == u"m")
        return std::llround(number);
    if (suffix == u"u" || suffix == u"n")
        return std::llround(number / (suffix == u"u" ? 1e3 : 1e6));
    static constexpr QStringView units = u"kMGTPE";
    double factor = 1000;
    if (!suffix.isEmpty()) {
        const auto power = suffix[0] == u'K' ? 0 : units.indexOf(suffix[0]);
        if (power >= 0)
            factor *= std::pow(suffix.endsWith(u'i') ? 1024.0 : 1000.0, static_cast<double>(power + 1));
    }
    return std::llround(number * factor);
}

QString coresText(qint64 milli)
{
    if (milli != 0 && milli < 1000)
        return QStringLiteral("%1m").arg(milli);
    return QString::number(static_cast<double>(milli) / 1000.0, 'g', 4);
}

QString bytesText(qint64 bytes)
{
    static const char* const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    auto value = static_cast<double>(bytes);
    int unit = 0;
    while (value >= 1024 && unit < 5) {
        value /= 1024;
        ++unit;
    }
    return QStringLiteral("%1 %2")
        .arg(value, 0, 'f', value < 10 && unit > 0 && value != std::floor(value) ? 1 : 0)
        .arg(QLatin1String(units[unit]));
}

QString quantityText(const QString& resource, const QString& quantity)
{
    if (quantity.isEmpty())
        return {};
    if (resource == QLatin1String("cpu"))
        return coresText(quantityMilli(quantity));
    const bool isBytes = resource == QLatin1String("memory") || resource == QLatin1String("storage") ||
                         resource == QLatin1String("ephemeral-storage") ||
                         resource.startsWith(QLatin1String("hugepages-"));
    return isBytes ? bytesText(quantityMilli(quantity) / 1000) : quantity;
}

QString breakable(QString text)
{
    for (const auto mark : {QLatin1Char('-'), QLatin1Char('/'), QLatin1Char('.'), QLatin1Char('='), QLatin1Char(':'),
                            QLatin1Char('_'), QLatin1Char('@')})
        text.replace(mark, QString(mark) + QChar(0x200b));
    // What has no marks, such as a digest, breaks anywhere.
    static const QRegularExpression longRun(
        QStringLiteral("([^\\s\\x{200b}]{%1})(?=[^\\s\\x{200b}])").arg(runLengthMax));
    return text.replace(longRun, QStringLiteral("\\1") + QChar(0x200b));
}

QString unbroken(QString text)
{
    return text.remove(QChar(0x200b));
}

qint64 nowMs(const Clock& clock)
{
    return std::chrono::floor<Milliseconds>(clock.wall()).time_since_epoch().count();
}

QString ageText(qint64 sinceMs, const Clock& clock)
{
    if (sinceMs <= 0)
        return {};
    const qint64 seconds = std::max<qint64>(0, (nowMs(clock) - sinceMs) / 1000);
    if (seconds < 120)
        return QStringLiteral("%1s").arg(seconds);
    const qint64 minutes = seconds / 60;
    if (minutes < 120)
        return QStringLiteral("%1m").arg(minutes);
    const qint64 hours = minutes / 60;
    return hours < 48 ? QStringLiteral("%1h").arg(hours) : QStringLiteral("%1d").arg(hours / 24);
}

} // namespace keelson::ui
