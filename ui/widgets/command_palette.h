// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QVector>

#include <functional>

class QLineEdit;
class QListWidget;

namespace keelson::ui {

/// One line, many answers: commands, pages and objects by a few letters of their names.
class CommandPalette : public QDialog {
    Q_OBJECT
public:
    struct Entry {
        QString title;
        QString detail; ///< The key, the kind, the group.
        QString icon;
        std::function<void()> run;
    };
    /// Returns what fits the words; called at each key stroke, so it answers at once.
    using Source = std::function<QVector<Entry>(const QString& query)>;

    explicit CommandPalette(QWidget* parent);

    void addSource(Source source) { m_sources.push_back(std::move(source)); }
    void openWith(const QString& text);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fill(const QString& query);
    void runCurrent();

    QLineEdit* m_input;
    QListWidget* m_list;
    QVector<Source> m_sources;
    QVector<Entry> m_entries;
};

/// How well `text` fits the letters of `query`, in order; 0: not at all. Whole words and beginnings count more.
int fitness(const QString& text, const QString& query);

} // namespace keelson::ui
