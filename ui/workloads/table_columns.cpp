// SPDX-License-Identifier: GPL-3.0-or-later
#include "workloads/table_columns.h"

#include "widgets/status_delegate.h"

#include <QAction>
#include <QEvent>
#include <QHeaderView>
#include <QSettings>
#include <QTreeView>

#include <algorithm>
#include <climits>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>

namespace keelson::ui {

namespace {

constexpr int lettersMeasuredMax = 200;
constexpr int lettersKept = 10; ///< Of a column that is cut.
constexpr int lettersOfNameKept = 24;
constexpr int arrowRoom = 24; ///< Of the mark of the column that is sorted by.
constexpr int widthMax = 4'000;

} // namespace

TableColumns::TableColumns(QTreeView& view, ObjectTableModel& model, const QStringList& hiddenAtFirst)
    : QObject(&view),
      m_view(view),
      m_header(*view.header()),
      m_viewport(view.viewport()),
      m_headings(m_header.viewport()),
      m_model(model),
      m_metrics(view.font()),
      m_contents(static_cast<std::size_t>(model.columnCount()), 0)
{
    for (std::size_t letter = 0; letter < m_letters.size(); ++letter)
        m_letters[letter] = m_metrics.horizontalAdvance(QChar(static_cast<char16_t>(letter)));
    m_header.setStretchLastSection(false);
    m_header.setContextMenuPolicy(Qt::ActionsContextMenu);
    addToggles(hiddenAtFirst);
    for (int column = 0; column < model.columnCount(); ++column)
        if (const int width = QSettings().value(setting("width", column)).toInt(); width > 0)
            m_pinned.insert(column, std::min(width, widthMax));
    m_fit.setSingleShot(true);
    m_fit.setInterval(0);
    connect(&m_fit, &QTimer::timeout, this, &TableColumns::fit);
    connect(&m_header, &QHeaderView::sectionResized, this, [this](int column) {
        if (m_isPressed && !m_isFitting)
            m_dragged = column;
    });
    connect(&m_header, &QHeaderView::sectionHandleDoubleClicked, this, &TableColumns::release);
    connect(&m_header, &QHeaderView::sortIndicatorChanged, &m_fit, qOverload<>(&QTimer::start));
    connect(&m_header, &QHeaderView::sectionMoved, &m_fit, qOverload<>(&QTimer::start));
    connect(&model.store(), &ObjectStore::changed, this, [this](const ItemChanges& changes) {
        for (const auto& change : changes)
            if (change.after)
                measure(*change.after);
    });
    for (const auto& item : model.store().items())
        measure(*item);
    view.viewport()->installEventFilter(this);
    m_header.viewport()->installEventFilter(this);
}

void TableColumns::addToggles(const QStringList& hiddenAtFirst)
{
    for (int column = 0; column < m_model.columnCount(); ++column) {
        const bool isHidden =
            QSettings().value(setting("hidden", column), hiddenAtFirst.contains(m_model.key(column))).toBool();
        m_view.setColumnHidden(column, isHidden);
        auto* toggle = new QAction(m_model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString(), &m_header);
        toggle->setCheckable(true);
        toggle->setChecked(!isHidden);
        toggle->setEnabled(column > 0 || isHidden);
        connect(toggle, &QAction::toggled, this, [this, column](bool shown) {
            m_view.setColumnHidden(column, !shown);
            QSettings().setValue(setting("hidden", column), !shown);
            m_fit.start();
        });
        m_header.addAction(toggle);
        m_toggles << toggle;
    }
    auto* separator = new QAction(&m_header);
    separator->setSeparator(true);
    m_header.addAction(separator);
    auto* refit = new QAction(tr("Fit the columns"), &m_header);
    connect(refit, &QAction::triggered, this, [this] {
        for (const int column : m_pinned.keys())
            release(column);
    });
    m_header.addAction(refit);
}

void TableColumns::hide(const QStringList& keys)
{
    for (int column = 0; column < m_model.columnCount(); ++column) {
        if (!keys.contains(m_model.key(column)))
            continue;
        const QSignalBlocker quiet(m_toggles[column]);
        m_toggles[column]->setChecked(false);
        m_view.setColumnHidden(column, true);
    }
    m_fit.start();
}

QString TableColumns::setting(const char* what, int column) const
{
    return QStringLiteral("columns/%1/%2/%3").arg(m_model.store().kind().id, QLatin1String(what), m_model.key(column));
}

int TableColumns::textWidth(QStringView text) const
{
    qreal width = 0;
    for (const auto letter : text.first(std::min<qsizetype>(text.size(), lettersMeasuredMax))) {
        const auto code = letter.unicode();
        width += code < m_letters.size() ? m_letters[code] : m_metrics.horizontalAdvance(letter);
    }
    return static_cast<int>(std::ceil(width));
}

void TableColumns::measure(const Item& item)
{
    for (int column = 0; column < m_model.columnCount(); ++column) {
        auto& longest = m_contents[static_cast<std::size_t>(column)];
        const bool isAge = m_model.special(column) == ObjectTableModel::Special::Age; // it grows by itself
        const int width = textWidth(isAge ? QStringLiteral("9999d") : m_model.text(item, column));
        if (width <= longest)
            continue;
        longest = width;
        if (!m_fit.isActive())
            m_fit.start();
    }
}

int TableColumns::margins(int column) const
{
    int width = 2 * StatusDelegate::padding + 2;
    if (m_model.special(column) == ObjectTableModel::Special::StatusIs)
        width += StatusDelegate::glyphRoom;
    const int place = m_header.visualIndex(column);
    const auto isShown = [this](int visual) { return !m_header.isSectionHidden(m_header.logicalIndex(visual)); };
    int first = 0;
    while (first < m_header.count() - 1 && !isShown(first))
        ++first;
    int last = m_header.count() - 1;
    while (last > 0 && !isShown(last))
        --last;
    return width + (place == first || place == last ? StatusDelegate::edge : 0);
}

int TableColumns::wanted(int column) const
{
    return std::max(headingWidth(column), m_contents[static_cast<std::size_t>(column)]) + margins(column);
}

int TableColumns::headingWidth(int column) const
{
    const auto title = m_model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
    const bool isSorted = m_header.isSortIndicatorShown() && m_header.sortIndicatorSection() == column;
    return m_header.fontMetrics().horizontalAdvance(title) + (isSorted ? arrowRoom : 0);
}

bool TableColumns::isWanted(int column) const
{
    return m_toggles[column]->isChecked();
}

bool TableColumns::mayGiveWay(int column) const
{
    return m_model.spare(column) > 0 && !QSettings().contains(setting("hidden", column));
}

ColumnNeed TableColumns::need(int column) const
{
    const int whole = wanted(column);
    const int share = m_pinned.contains(column) ? 0 : m_model.share(column);
    const bool isName = m_model.special(column) == ObjectTableModel::Special::Name;
    const auto letters = (isName ? lettersOfNameKept : lettersKept) * m_metrics.averageCharWidth();
    const int least = std::max(headingWidth(column), static_cast<int>(letters)) + margins(column);
    return {m_pinned.value(column, whole), std::min(least, whole), share};
}

std::vector<int> TableColumns::shownIn(int room) const
{
    std::vector<int> shown;
    for (int column = 0; column < m_model.columnCount(); ++column)
        if (isWanted(column))
            shown.push_back(column);
    const auto least = [this](int sum, int column) {
        const auto asked = need(column);
        return sum + (asked.share > 0 ? asked.least : asked.wanted);
    };
    const auto rank = [this](int column) { return mayGiveWay(column) ? m_model.spare(column) : 0; };
    while (std::accumulate(shown.begin(), shown.end(), 0, least) > room) {
        const auto first = std::ranges::max_element(shown, {}, rank);
        if (first == shown.end() || rank(*first) == 0)
            break; // the table scrolls
        shown.erase(first);
    }
    return shown;
}

void TableColumns::fit()
{
    if (m_isPressed)
        return;
    const auto shown = shownIn(m_view.viewport()->width());
    m_isFitting = true;
    for (int column = 0; column < m_model.columnCount(); ++column)
        m_view.setColumnHidden(column, std::ranges::find(shown, column) == shown.end());
    std::vector<ColumnNeed> needs;
    std::size_t greedy = SIZE_MAX;
    int best = 0;
    for (const int column : shown) {
        needs.push_back(need(column));
        // The name takes what is left; where it is hidden or set by the user, what else has the largest share.
        const int share = needs.back().share;
        const bool isName = m_model.special(column) == ObjectTableModel::Special::Name;
        if (const int rank = isName && share > 0 ? INT_MAX : share; rank > best) {
            best = rank;
            greedy = needs.size() - 1;
        }
    }
    const auto widths = fitColumns(needs, m_view.viewport()->width(), greedy);
    for (std::size_t i = 0; i < shown.size(); ++i)
        m_view.setColumnWidth(shown[i], widths[i]);
    m_isFitting = false;
}

void TableColumns::pin(int column, int width)
{
    m_pinned.insert(column, width);
    QSettings().setValue(setting("width", column), width);
    m_fit.start();
}

void TableColumns::release(int column)
{
    m_pinned.remove(column);
    m_dragged = -1;
    QSettings().remove(setting("width", column));
    m_fit.start();
}

bool TableColumns::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_headings && event->type() == QEvent::MouseButtonPress) {
        m_isPressed = true;
        m_dragged = -1;
    } else if (watched == m_headings && event->type() == QEvent::MouseButtonRelease) {
        m_isPressed = false;
        if (const int column = std::exchange(m_dragged, -1); column >= 0)
            pin(column, m_view.columnWidth(column));
    } else if (watched == m_viewport && event->type() == QEvent::Resize) {
        m_fit.start(); // not now: the view is in the middle of its layout
    }
    return QObject::eventFilter(watched, event);
}

} // namespace keelson::ui
