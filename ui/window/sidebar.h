// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLineEdit;
class QTreeWidget;
class QTreeWidgetItem;

namespace keelson::ui {

/// The pages of a cluster, by section; a filter at the bottom narrows them.
class Sidebar : public QWidget {
    Q_OBJECT
public:
    explicit Sidebar(QWidget* parent = nullptr);

    void setCurrent(const QString& page);
    QStringList pages() const;

signals:
    void pageRequested(const QString& page);

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QTreeWidgetItem* addPage(QTreeWidgetItem* section, const QString& id, const QString& title, const QString& icon);
    QTreeWidgetItem* addSection(const QString& title);
    void narrow(const QString& text);
    void showFromTop();

    QTreeWidget* m_tree;
    QLineEdit* m_filter;
    bool m_isScrolled = false; ///< By the user: then it stays so.
};

} // namespace keelson::ui
